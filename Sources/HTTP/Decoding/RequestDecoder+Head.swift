/// The part of a head that has been read; all ranges count from the start of the request line.
struct HeadDraft: Sendable {
    var line: RequestLine?
    var fields: [FieldLine] = []
    var policy = FramingPolicy()
}

extension RequestDecoder {
    /// Skips empty lines before a request line (RFC 9112, 2.2), and checks the line's first byte.
    ///
    /// That byte is checked before the line is complete, so that a peer that does not speak HTTP,
    /// but TLS for example, is told at once.
    mutating func skipEmptyLines() throws(RequestError) -> Bool {
        while buffer.count > 0 {
            let first = buffer[0]
            guard first == UInt8(ascii: "\r") else {
                guard CharacterClass.token.contains(first) else { throw Self.noMethod(first) }
                emptyLines = 0
                phase = .requestLine
                return true
            }
            guard buffer.count > 1 else { return false }
            guard buffer[1] == UInt8(ascii: "\n") else {
                throw .bad("A CR stands alone before the request line; it must be part of CRLF.")
            }
            emptyLines += 1
            guard emptyLines <= limits.emptyLines else {
                throw .bad(
                    "More than \(limits.emptyLines) empty lines came before the request line; "
                        + "send none.")
            }
            buffer.consume(2)
        }
        return false
    }

    private static func noMethod(_ byte: UInt8) -> RequestError {
        if byte == 0x16 {
            return .bad(
                "This looks like a TLS handshake, but plain HTTP is spoken here; use http:.")
        }
        return .bad(
            "The request does not begin with a method; "
                + "send a request line such as 'GET / HTTP/1.1'.")
    }

    mutating func readRequestLine() throws(RequestError) -> Bool {
        let length: Int
        switch try nextLine(limit: limits.requestLine) {
        case .complete(let range): length = range.count
        case .incomplete: return false
        case .tooLong: throw requestLineTooLong
        }
        let line = try RequestLine(buffer.bytes.span, from: buffer.start, length: length)
        draft.line = line
        draft.fields.reserveCapacity(12)
        lineStart = scanned
        phase = .fields
        return true
    }

    /// The error for a request line that is too long: 414 if a method ends within the limit, so
    /// that the target is too long, otherwise 400.
    private var requestLineTooLong: RequestError {
        let searched = min(buffer.count, limits.requestLine)
        guard buffer.offset(of: UInt8(ascii: " "), in: 0..<searched) != nil else {
            return .bad(
                "No method ends within \(limits.requestLine) bytes; "
                    + "send a request line such as 'GET / HTTP/1.1'.")
        }
        return RequestError(
            .uriTooLong,
            "The request line is longer than \(limits.requestLine) bytes; shorten the target.")
    }

    /// Reads field lines up to the empty one that ends the head.
    mutating func readFields() throws(RequestError) -> RequestHead? {
        while true {
            // It is less than 0 when the lines so far leave no room for another CRLF.
            let left = limits.head - lineStart - 2
            guard left >= 0 else { throw sectionTooLarge }
            let range: Range<Int>
            switch try nextLine(limit: left) {
            case .complete(let line): range = line
            case .incomplete: return nil
            case .tooLong: throw sectionTooLarge
            }
            lineStart = scanned
            guard !range.isEmpty else { return try finishHead() }
            guard draft.fields.count < limits.fields else { throw tooManyFields }
            let isFirst = draft.fields.isEmpty
            let field = try FieldLine(
                buffer.bytes.span, at: range, base: buffer.start, isFirst: isFirst)
            draft.fields.append(field)
            var policy = draft.policy
            try policy.read(field, in: buffer.bytes.span, base: buffer.start)
            draft.policy = policy
        }
    }

    /// The error for a header section or a trailer section that is too large; both have the same
    /// limit.
    var sectionTooLarge: RequestError {
        RequestError(
            .requestHeaderFieldsTooLarge,
            "The fields take more than \(limits.head) bytes; send fewer or shorter ones.")
    }

    var tooManyFields: RequestError {
        RequestError(
            .requestHeaderFieldsTooLarge,
            "More than \(limits.fields) fields were sent; send fewer.")
    }

    private mutating func finishHead() throws(RequestError) -> RequestHead {
        guard let line = draft.line else { preconditionFailure("A head without a request line") }
        let policy = draft.policy
        let framing = try policy.framing(minorVersion: line.minorVersion)
        let keepAlive = policy.keepsAlive(minorVersion: line.minorVersion)
        let bytes = buffer.prefix(lineStart)
        let head = RequestHead(
            method: line.method,
            path: line.path.map { String(decoding: bytes[$0], as: UTF8.self) }
                ?? line.impliedPath,
            minorVersion: line.minorVersion, keepAlive: keepAlive, body: framing,
            expectsContinue: policy.expectsContinue(
                minorVersion: line.minorVersion, framing: framing),
            bytes: bytes, lines: draft.fields, queryRange: line.query,
            // The host of an absolute-form target replaces `Host` (RFC 9112, 3.2.2).
            authorityRange: line.authority ?? policy.host, hasOrigin: policy.hasOrigin)
        buffer.consume(lineStart)
        draft = HeadDraft()
        lineStart = 0
        scanned = 0
        keepsAlive = keepAlive
        phase = .content(framing)
        return head
    }
}

extension FieldLine {
    /// Parses one field line (RFC 9112, 5.1); ranges count from `base`.
    ///
    /// Line folding, whitespace before the colon and every control byte but the tab are refused:
    /// readers disagree about them (RFC 9112, 5.2; RFC 9110, 5.5).
    init(
        _ bytes: borrowing Span<UInt8>, at range: Range<Int>, base: Int, isFirst: Bool = false
    ) throws(RequestError) {
        let start = base + range.lowerBound
        let end = base + range.upperBound
        guard !bytes[start].isWhitespace else {
            throw .bad(
                isFirst
                    ? "Whitespace stands between the request line and the first field; remove it."
                    : "A field line begins with whitespace; line folding is obsolete, "
                        + "send each field on one line.")
        }
        let colon = bytes.endOfToken(in: start..<end)
        guard colon < end else {
            throw .bad("A field line has no colon; send 'name: value'.")
        }
        guard bytes[colon] == UInt8(ascii: ":") else {
            throw .bad(
                bytes[colon].isWhitespace
                    ? "Whitespace stands in or after a field name; the colon must follow the name."
                    : "A field name has a character that is not allowed; a name is a token.")
        }
        guard colon > start else {
            throw .bad("A field has an empty name; send 'name: value'.")
        }
        guard bytes.endOfFieldContent(in: colon + 1..<end) == end else {
            let name = bytes.extracting(start..<min(colon, start + 64)).text
            throw .bad("The field '\(name)' has a control character in its value; remove it.")
        }
        let value = bytes.trimmed(colon + 1..<end)
        self.init(
            name: range.lowerBound..<colon - base,
            value: value.lowerBound - base..<value.upperBound - base)
    }
}
