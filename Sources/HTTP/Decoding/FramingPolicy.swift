// The fields that decide where a request ends and whether its connection goes on, and the requests
// that are refused because of them.
//
// Every rule here closes a way to make two servers on one connection see different requests.
// Where RFC 9112 leaves a choice between repairing and refusing, the request is refused:
//
// - Host: exactly one in HTTP/1.1, never more than one, always of valid form (3.2).
// - Content-Length: one line of digits; a repeated one is refused even if equal (6.3, rule 5).
// - Transfer-Encoding: `chunked` alone; beside Content-Length or in HTTP/1.0 refused (6.1).
//   An unknown coding is answered 501, an order that leaves the end unclear 400 (6.3, rule 4).
// - Expect: `100-continue` or 417 (RFC 9110, 10.1.1); ignored in HTTP/1.0 where it has no meaning.

/// Gathers the fields of one head that decide about framing and the connection, and finds those
/// that say for whom and from where a request comes.
struct FramingPolicy: Sendable {
    /// The range of the value of `Host`, counted from the request line.
    private(set) var host: ByteRange?
    private(set) var hasOrigin = false
    private var hosts = 0
    private var contentLength: Int?
    private var hasTransferEncoding = false
    private var isChunked = false
    private var hasUnknownCoding = false
    private var asksToClose = false
    private var asksToKeep = false
    private var expects100 = false
    private var expectsOther = false

    /// Reads one field, whose ranges count from `base`.
    mutating func read(
        _ field: FieldLine, in bytes: borrowing Span<UInt8>, base: Int
    ) throws(RequestError) {
        // The names of interest have five lengths, so this comparison is enough for most fields.
        switch field.name.count {
        case 4, 6, 10, 14, 17: break
        default: return
        }
        let head = bytes.extracting(droppingFirst: base)
        let name = head.extracting(field.name)
        let value = head.extracting(field.value)
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            try readHost(value)
            host = ByteRange(field.value)
        case 6 where name.equalsIgnoringCase("origin"): hasOrigin = true
        case 6 where name.equalsIgnoringCase("expect"): readExpect(value)
        case 10 where name.equalsIgnoringCase("connection"): readConnection(value)
        case 14 where name.equalsIgnoringCase("content-length"): try readContentLength(value)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            try readTransferEncoding(value)
        default: break
        }
    }

    /// Decides on the framing when all fields have been read (RFC 9112, 6.3).
    func framing(minorVersion: Int) throws(RequestError) -> BodyFraming {
        guard minorVersion == 0 || hosts == 1 else {
            throw .bad("The field Host is missing; HTTP/1.1 requires it.")
        }
        guard !expectsOther || minorVersion == 0 else {
            throw RequestError(
                .expectationFailed, "Only the expectation '100-continue' can be met.")
        }
        guard hasTransferEncoding else {
            return contentLength.map { .length($0) } ?? .none
        }
        guard contentLength == nil else {
            throw .bad("Both Content-Length and Transfer-Encoding were sent; send one of them.")
        }
        guard minorVersion == 1 else {
            throw .bad("HTTP/1.0 has no Transfer-Encoding; send Content-Length.")
        }
        guard !hasUnknownCoding else {
            throw RequestError(
                .notImplemented, "The only transfer coding known here is 'chunked'.")
        }
        return .chunked
    }

    /// Returns whether another request may follow on the connection (RFC 9112, 9.3).
    func keepsAlive(minorVersion: Int) -> Bool {
        !asksToClose && (minorVersion == 1 || asksToKeep)
    }

    /// Returns whether the client waits for `100 Continue`; one that sends no content does not.
    func expectsContinue(minorVersion: Int, framing: BodyFraming) -> Bool {
        expects100 && minorVersion == 1 && framing != .none && framing != .length(0)
    }
}

extension FramingPolicy {
    private mutating func readHost(_ value: borrowing Span<UInt8>) throws(RequestError) {
        hosts += 1
        guard hosts == 1 else { throw .bad("The field Host was sent twice; send it once.") }
        guard Self.isHost(value) else {
            throw .bad("The field Host is not 'host' or 'host:port'.")
        }
    }

    private mutating func readContentLength(
        _ value: borrowing Span<UInt8>
    ) throws(RequestError) {
        guard contentLength == nil else {
            throw .bad("The field Content-Length was sent twice; send it once.")
        }
        guard !value.isEmpty else {
            throw .bad("The field Content-Length is empty; send decimal digits.")
        }
        var length = 0
        var overflows = false
        for index in value.indices {
            guard value[index].isDigit else {
                throw .bad("The field Content-Length is not one number; send decimal digits.")
            }
            let (shifted, first) = length.multipliedReportingOverflow(by: 10)
            let (sum, second) = shifted.addingReportingOverflow(Int(value[index] & 0x0F))
            overflows = overflows || first || second
            length = sum
        }
        guard !overflows else {
            throw RequestError(.contentTooLarge, "The content is larger than any server takes.")
        }
        contentLength = length
    }

    private mutating func readTransferEncoding(
        _ value: borrowing Span<UInt8>
    ) throws(RequestError) {
        hasTransferEncoding = true
        try value.forEachListElement { (range: Range<Int>) throws(RequestError) in
            let coding = value.extracting(range)
            guard !isChunked else {
                throw .bad("In Transfer-Encoding 'chunked' must come once and last.")
            }
            if coding.equalsIgnoringCase("chunked") {
                isChunked = true
                return
            }
            guard coding.isToken else {
                throw .bad("The field Transfer-Encoding is malformed; send 'chunked'.")
            }
            hasUnknownCoding = true
        }
    }

    private mutating func readConnection(_ value: borrowing Span<UInt8>) {
        value.forEachListElement { range in
            let option = value.extracting(range)
            if option.equalsIgnoringCase("close") { asksToClose = true }
            if option.equalsIgnoringCase("keep-alive") { asksToKeep = true }
        }
    }

    private mutating func readExpect(_ value: borrowing Span<UInt8>) {
        value.forEachListElement { range in
            let expectation = value.extracting(range)
            if expectation.isEmpty { return }
            if expectation.equalsIgnoringCase("100-continue") {
                expects100 = true
            } else {
                expectsOther = true
            }
        }
    }

    /// Returns whether a value is `uri-host [":" port]` with a host that is not empty, and no user
    /// information (RFC 9110, 4.2.1, 4.2.4 and 7.2; RFC 3986, 3.2.2).
    static func isHost(_ value: borrowing Span<UInt8>) -> Bool {
        var index = 0
        if value.count > 0, value[0] == UInt8(ascii: "[") {
            index = 1
            while index < value.count, value[index] != UInt8(ascii: "]") {
                let byte = value[index]
                guard CharacterClass.host.contains(byte) || byte == UInt8(ascii: ":") else {
                    return false
                }
                index += 1
            }
            guard index > 1, index < value.count else { return false }
            index += 1
        } else {
            while index < value.count, value[index] != UInt8(ascii: ":") {
                if value[index] == UInt8(ascii: "%") {
                    guard index + 2 < value.count, value[index + 1].hexValue != nil,
                        value[index + 2].hexValue != nil
                    else { return false }
                    index += 3
                    continue
                }
                guard CharacterClass.host.contains(value[index]) else { return false }
                index += 1
            }
            guard index > 0 else { return false }
        }
        guard index < value.count else { return true }
        guard value[index] == UInt8(ascii: ":"), value.count - index <= 6 else { return false }
        for port in index + 1..<value.count where !value[port].isDigit { return false }
        return true
    }
}
