internal import JSON

/// A position in one log: `<epoch>-<sequence>`.
///
/// As a cursor it means that all events up to it were seen.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
    package let epoch: Epoch
    /// The number of the event: the first durable event of a log has 1, each later one 1 more.
    ///
    /// 0 is the position of an empty log.
    public let sequence: UInt64

    package init(epoch: Epoch, sequence: UInt64) {
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Reads what `description` writes; `nil` for anything else.
    public init?(_ text: String) {
        guard let dash = text.utf8.lastIndex(of: UInt8(ascii: "-")) else { return nil }
        let digits = text[text.index(after: dash)...]
        guard let epoch = Epoch(String(text[..<dash])), digits.utf8.allSatisfy(\.isASCIIDigit),
            !(digits.utf8.count > 1 && digits.first == "0"), let sequence = UInt64(digits)
        else { return nil }
        self.init(epoch: epoch, sequence: sequence)
    }

    /// `<epoch>-<sequence>`, to be kept and read again.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(40)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text of `description`.
    package func append(to text: inout [UInt8]) {
        // Written from its end, because the last digit of a number comes first: up to 13 digits, a
        // dash and up to 20 digits.
        var bytes = InlineArray<34, UInt8>(repeating: 0)
        var start = bytes.count
        var rest = sequence
        repeat {
            start -= 1
            bytes[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        start -= 1
        bytes[start] = UInt8(ascii: "-")
        epoch.write(to: &bytes, endingAt: &start)
        unsafe bytes.span.extracting(start...).withUnsafeBufferPointer {
            unsafe text.append(contentsOf: $0)
        }
    }
}

/// The name of a log, which is drawn when the log is created: 1–13 base-36 digits.
package struct Epoch: Hashable, Sendable, CustomStringConvertible {
    /// The digits' ASCII codes, the first in the highest byte that is not 0.
    private let digits: UInt128

    package init?(_ text: String) {
        guard (1...13).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0.isASCIIDigit || (97...122).contains($0) })
        else { return nil }
        self.init(unchecked: text)
    }

    /// Draws a new epoch of 40 random bits, so that two logs of one hub practically never share
    /// one.
    package static func random() -> Self {
        let bits = UInt64.random(in: 0..<(1 << 40))
        return Self(unchecked: String(bits, radix: 36))
    }

    private init(unchecked text: String) {
        digits = text.utf8.reduce(0) { $0 << 8 | UInt128($1) }
    }

    package var description: String {
        var bytes = InlineArray<34, UInt8>(repeating: 0)
        var start = bytes.count
        write(to: &bytes, endingAt: &start)
        return unsafe bytes.span.extracting(start...).withUnsafeBufferPointer {
            unsafe String(decoding: $0, as: UTF8.self)
        }
    }

    /// Writes the digits in front of `start`, and moves it to where they begin.
    fileprivate func write(to bytes: inout InlineArray<34, UInt8>, endingAt start: inout Int) {
        var rest = digits
        while rest > 0 {
            start -= 1
            bytes[start] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }
}
