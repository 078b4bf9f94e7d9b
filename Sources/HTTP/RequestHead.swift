/// How the length of a request's content is known (RFC 9112, 6.3).
package enum BodyFraming: Sendable, Equatable {
    /// Neither `Content-Length` nor `Transfer-Encoding`: there is no content.
    case none
    case length(Int)
    case chunked
}

/// The request line and the header section of one request.
///
/// The bytes are kept as they were sent, in one array; a field becomes a `String` when it is read.
/// Bytes that are not UTF-8 are read as U+FFFD. It is an object because it is handed on several
/// times for each request.
package final class RequestHead: Sendable {
    package let method: Method
    /// The path as sent, still percent-encoded, without the query; `*` for `OPTIONS *`.
    ///
    /// The authority of an absolute-form target is left out; see ``authority``.
    package let path: String
    /// The minor version: 0 or 1.
    package let minorVersion: Int
    /// Whether the client wants or permits another request on the connection (RFC 9112, 9.3).
    package let keepAlive: Bool
    package let body: BodyFraming
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110, 10.1.1).
    package let expectsContinue: Bool

    /// Whether there is a field `Origin`.
    package let hasOrigin: Bool

    let bytes: [UInt8]
    let lines: [FieldLine]
    let queryRange: Range<Int>?
    private let authorityRange: ByteRange?

    init(
        method: Method, path: String, minorVersion: Int, keepAlive: Bool, body: BodyFraming,
        expectsContinue: Bool, bytes: [UInt8], lines: [FieldLine], queryRange: Range<Int>?,
        authorityRange: ByteRange?, hasOrigin: Bool
    ) {
        self.method = method
        self.path = path
        self.minorVersion = minorVersion
        self.keepAlive = keepAlive
        self.body = body
        self.expectsContinue = expectsContinue
        self.bytes = bytes
        self.lines = lines
        self.queryRange = queryRange
        self.authorityRange = authorityRange
        self.hasOrigin = hasOrigin
    }

    /// The host, with its port where one was sent, that the request is for.
    ///
    /// It is that of an absolute-form target, else the value of `Host` (RFC 9112, 3.2.2). It is
    /// `nil` only in HTTP/1.0, which requires neither.
    package var authority: String? {
        authorityRange.map { text($0.range) }
    }

    /// Returns whether the request's authority is exactly this text.
    package func isFor(_ authority: [UInt8]) -> Bool {
        guard let range = authorityRange?.range, range.count == authority.count else {
            return false
        }
        let bytes = bytes
        return bytes.span.extracting(range).equals(authority.span)
    }

    /// The query as sent, still percent-encoded: all behind the first `?`; `nil` without a `?`.
    package var query: String? {
        queryRange.map { text($0) }
    }

    /// Returns the value of the field with this name, given in lower case.
    ///
    /// The values of several lines with this name are joined by ", " into one list (RFC 9110, 5.2).
    /// The value has no whitespace at its ends.
    package func field(_ name: StaticString) -> String? {
        var combined: String?
        for line in lines where matches(line, name) {
            guard let first = combined else {
                combined = text(line.value)
                continue
            }
            combined = first + ", " + text(line.value)
        }
        return combined
    }

    /// Returns the value of each line of the field with this name, given in lower case, in order.
    package func fields(_ name: StaticString) -> [String] {
        lines.filter { matches($0, name) }.map { text($0.value) }
    }

    /// Returns whether there is a field with this name, given in lower case.
    package func hasField(_ name: StaticString) -> Bool {
        lines.contains { matches($0, name) }
    }

    /// Returns whether there is exactly one line of the field with this name, given in lower case,
    /// and it has exactly this value.
    package func isField(_ name: StaticString, _ value: StaticString) -> Bool {
        var count = 0
        for line in lines where matches(line, name) {
            let bytes = bytes
            guard bytes.span.extracting(line.value).equals(value) else { return false }
            count += 1
        }
        return count == 1
    }

    /// Returns whether there is exactly one line of the field with this name, given in lower case,
    /// and it has exactly these bytes as its value.
    package func isField(_ name: StaticString, _ value: [UInt8]) -> Bool {
        var count = 0
        for line in lines where matches(line, name) {
            let bytes = bytes
            guard line.value.count == value.count,
                bytes.span.extracting(line.value).equals(value.span)
            else { return false }
            count += 1
        }
        return count == 1
    }

    /// All field names in lower case with their values, in the order sent.
    package var allFields: [(name: String, value: String)] {
        lines.map { (text($0.name).lowercased(), text($0.value)) }
    }

    private func matches(_ line: FieldLine, _ name: StaticString) -> Bool {
        let range = line.name
        guard range.count == name.utf8CodeUnitCount else { return false }
        let bytes = bytes
        return bytes.span.extracting(range).equalsIgnoringCase(name)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// A range of bytes in a head, in half the memory: what is gathered of a head is copied often.
struct ByteRange: Sendable {
    private let start, end: UInt32

    init(_ range: Range<Int>) {
        start = UInt32(range.lowerBound)
        end = UInt32(range.upperBound)
    }

    var range: Range<Int> { Int(start)..<Int(end) }
}

/// The ranges of a field's name and of its trimmed value in the bytes of a head.
struct FieldLine: Sendable {
    private let nameStart, nameEnd, valueStart, valueEnd: UInt32

    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt32(name.lowerBound)
        nameEnd = UInt32(name.upperBound)
        valueStart = UInt32(value.lowerBound)
        valueEnd = UInt32(value.upperBound)
    }

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
