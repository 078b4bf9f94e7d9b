/// The field lines that are the same in all answers of a server, encoded once.
///
/// An answer on a connection that is kept says for how many seconds (`Keep-Alive`, RFC 2068,
/// 19.7.1.1). The number is a little less than the truth, so that clients stop using the connection
/// before the server closes it.
package struct FieldLines: Sendable {
    /// The fields `Connection` and `Keep-Alive` of an answer on a connection that is kept.
    package let promise: [(String, String)]
    package let closing: [UInt8]
    /// The lines for a connection of HTTP/1.1 that is kept.
    package let keptAlive: [UInt8]
    /// The lines for a connection of HTTP/1.0 that is kept; the encoder writes `Connection` itself.
    private let keptAliveInOldVersion: [UInt8]

    /// - Parameters:
    ///   - common: Lines that are in every answer, each with its CRLF.
    ///   - idleTimeout: The milliseconds after which a connection without a request is closed.
    package init(common: [UInt8] = [], idleTimeout: Int) {
        closing = common
        guard let seconds = Self.announcedSeconds(idleTimeout: idleTimeout) else {
            (keptAlive, keptAliveInOldVersion, promise) = (closing, closing, [])
            return
        }
        promise = [("Connection", "keep-alive"), ("Keep-Alive", "timeout=\(seconds)")]
        let lines = promise.map { "\($0): \($1)\r\n" }
        keptAlive = closing + Array(lines.joined().utf8)
        keptAliveInOldVersion = closing + Array(lines[1].utf8)
    }

    func value(minorVersion: Int, close: Bool) -> [UInt8] {
        if close { return closing }
        return minorVersion == 0 ? keptAliveInOldVersion : keptAlive
    }

    /// Returns the time-out less a fifteenth, but less at least 0.5 s and at most 5 s, in whole
    /// seconds.
    ///
    /// - Returns: `nil` where less than a second would be left: the field has no fractions, and
    ///   some clients take 0 for "no limit".
    static func announcedSeconds(idleTimeout: Int) -> Int? {
        let margin = min(max(idleTimeout / 15, 500), 5_000)
        let seconds = (idleTimeout - margin) / 1_000
        return seconds > 0 ? seconds : nil
    }
}
