package import Telemetry

/// Makes identifiers of records, which cannot be guessed and sort by the time of their making.
///
/// An identifier has 10 digits for the time in milliseconds and 16 random ones (80 bits), in
/// Crockford's base 32, which leaves out letters that look like digits. This is the form of a ULID,
/// in lower case.
package enum RecordID {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    package static func make(at now: Timestamp) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(26)
        let time = UInt64(clamping: now.milliseconds)
        for place in (0..<10).reversed() { text.append(digits[Int(time >> (place * 5) & 31)]) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2 {
            let bits = random.next()
            for place in 0..<8 { text.append(digits[Int(bits >> (place * 5) & 31)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
