/// The first line of a request (RFC 9112, 3); ranges count from its first byte.
struct RequestLine: Sendable {
    let method: Method
    let minorVersion: Int
    /// The range of the path; `nil` when an absolute-form target has none.
    private(set) var path: Range<Int>?
    private(set) var query: Range<Int>?
    /// The range of the host and port of an absolute-form target.
    private(set) var authority: ByteRange?

    /// The path that is meant by a target without one (RFC 9112, 3.2.1 and 3.2.4).
    var impliedPath: String { method == .options && query == nil ? "*" : "/" }

    /// Parses `length` bytes from `start`: method, target and version, separated by one space.
    init(_ bytes: borrowing Span<UInt8>, from start: Int, length: Int) throws(RequestError) {
        let line = bytes.extracting(start..<start + length)
        var index = line.end(of: .token, in: 0..<length)
        guard index > 0, index < length, line[index] == UInt8(ascii: " ") else {
            throw .bad(
                "The method is not a token followed by one space; "
                    + "send a request line such as 'GET / HTTP/1.1'.")
        }
        let method = Method(token: line.extracting(0..<index))

        let targetStart = index + 1
        var question: Int?
        index = targetStart
        while index < length, line[index].isVisible {
            switch line[index] {
            case UInt8(ascii: "?") where question == nil: question = index
            case UInt8(ascii: "#"):
                throw .bad("The target has a fragment; leave out '#' and what follows it.")
            default: break
            }
            index += 1
        }
        let target = targetStart..<index
        guard !target.isEmpty, index < length, line[index] == UInt8(ascii: " ") else {
            throw .bad(
                index < length && line[index] != UInt8(ascii: " ")
                    ? "The target has a byte that is not visible ASCII; percent-encode it."
                    : "A target and a version must follow the method, each after one space; "
                        + "send a request line such as 'GET / HTTP/1.1'.")
        }
        self.minorVersion = try Self.minorVersion(line.extracting(index + 1..<length))
        self.method = method
        try readTarget(line, target, question: question)
    }

    /// Reads the version, which must be `HTTP/1.0` or `HTTP/1.1`.
    ///
    /// - Throws: 505 for another version of this form, 400 for anything else.
    private static func minorVersion(
        _ version: borrowing Span<UInt8>
    ) throws(RequestError) -> Int {
        guard version.count == 8, version.extracting(0..<5).equals("HTTP/"),
            version[5].isDigit, version[6] == UInt8(ascii: "."), version[7].isDigit
        else {
            throw .bad(
                "The request line does not end with a version after one space; "
                    + "send 'HTTP/1.1', and no space in the target.")
        }
        guard version[5] == UInt8(ascii: "1"), version[7] <= UInt8(ascii: "1") else {
            throw RequestError(
                .httpVersionNotSupported,
                "\(version.text) is not spoken here; use HTTP/1.1 or HTTP/1.0.")
        }
        return Int(version[7] - UInt8(ascii: "0"))
    }

    /// Reads a target in origin-form, absolute-form or asterisk-form.
    ///
    /// - Throws: 501 for `CONNECT`, whose authority-form is for proxies; 400 for a malformed
    ///   target.
    private mutating func readTarget(
        _ line: borrowing Span<UInt8>, _ target: Range<Int>, question: Int?
    ) throws(RequestError) {
        if method == .other("CONNECT") {
            throw RequestError(.notImplemented, "CONNECT is for proxies; this is an origin server.")
        }
        query = question.map { $0 + 1..<target.upperBound }
        let pathEnd = question ?? target.upperBound
        if line[target.lowerBound] == UInt8(ascii: "/") {
            path = target.lowerBound..<pathEnd
            return
        }
        if target.count == 1, line[target.lowerBound] == UInt8(ascii: "*") {
            guard method == .options else {
                throw .bad("The target '*' is for OPTIONS alone; send a path.")
            }
            path = target
            return
        }
        guard let authorityStart = Self.authorityStart(line, target) else {
            throw .bad("The target is neither a path nor an http: URL; begin it with '/'.")
        }
        var slash = authorityStart
        while slash < pathEnd, line[slash] != UInt8(ascii: "/") { slash += 1 }
        guard FramingPolicy.isHost(line.extracting(authorityStart..<slash)) else {
            throw .bad("The target is a URL without a valid host; send 'http://host/path'.")
        }
        authority = ByteRange(authorityStart..<slash)
        path = slash < pathEnd ? slash..<pathEnd : nil
    }

    private static func authorityStart(
        _ line: borrowing Span<UInt8>, _ target: Range<Int>
    ) -> Int? {
        let start = target.lowerBound
        for scheme: StaticString in ["http://", "https://"] {
            let end = start + scheme.utf8CodeUnitCount
            guard end <= target.upperBound else { continue }
            if line.extracting(start..<end).equalsIgnoringCase(scheme) { return end }
        }
        return nil
    }
}
