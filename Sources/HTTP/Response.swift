/// A complete response, encoded in one piece.
package struct Response: Sendable {
    package var status: Status
    /// Fields besides those that ``encoded(for:minorVersion:close:date:)`` adds.
    package var fields: [(String, String)]
    package var body: [UInt8]

    package init(
        _ status: Status, fields: [(String, String)] = [], body: [UInt8] = [],
        contentType: String? = nil
    ) {
        self.status = status
        self.fields = fields
        self.body = body
        if let contentType {
            self.fields.insert(("Content-Type", contentType), at: 0)
        }
    }

    /// The interim response that lets a client send its body (RFC 9110, 15.2.1).
    package static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The bytes on the wire: status line, fields, `Content-Length` and the body.
    ///
    /// A response to `HEAD` has the `Content-Length` of a `GET` and no body; 1xx, 204 and 304 have
    /// neither (RFC 9110, 8.6). Control bytes in names and values become spaces, so that no value
    /// can end its line (RFC 9110, 5.5).
    ///
    /// `minorVersion` is the request's: HTTP/1.0 has to be told that a connection is kept. `close`
    /// says that it ends with this response, `date` is the value of `Date` (see ``HTTPDate``), and
    /// `constant` are whole field lines that need no encoding.
    package func encoded(
        for method: Method, minorVersion: Int = 1, close: Bool, date: String? = nil,
        constant: [UInt8] = []
    ) -> [UInt8] {
        var added = connectionFields(minorVersion: minorVersion, close: close, date: date)
        let content = method == .head || status.forbidsContent ? [] : body
        if !status.forbidsContent {
            added.append(("Content-Length", String(body.count)))
        }
        return encode(added, constant, content)
    }

    /// The head of a response whose content follows as a stream of unknown length.
    ///
    /// In HTTP/1.1 it is chunked; in HTTP/1.0 the end of the connection is its end, so `close`
    /// must be true there (RFC 9112, 6.3).
    package func encodedStreamHead(
        minorVersion: Int, close: Bool, date: String? = nil
    ) -> [UInt8] {
        precondition(minorVersion > 0 || close, "HTTP/1.0 ends a stream by closing: pass close")
        var added = connectionFields(minorVersion: minorVersion, close: close, date: date)
        if minorVersion > 0 {
            added.append(("Transfer-Encoding", "chunked"))
        }
        return encode(added, [], [])
    }

    private func connectionFields(
        minorVersion: Int, close: Bool, date: String?
    ) -> [(String, String)] {
        var added: [(String, String)] = []
        added.reserveCapacity(3)
        if let date { added.append(("Date", date)) }
        if close {
            added.append(("Connection", "close"))
        } else if minorVersion == 0 {
            added.append(("Connection", "keep-alive"))
        }
        return added
    }

    private func encode(
        _ added: [(String, String)], _ constant: [UInt8], _ content: [UInt8]
    ) -> [UInt8] {
        let code = String(status.code)
        var size = "HTTP/1.1 ".utf8.count + code.utf8.count + 1 + status.reason.utf8.count + 2
        for (name, value) in fields { size += name.utf8.count + value.utf8.count + 4 }
        for (name, value) in added { size += name.utf8.count + value.utf8.count + 4 }
        size += constant.count + 2 + content.count

        var output: [UInt8] = []
        output.reserveCapacity(size)
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(contentsOf: code.utf8)
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: status.reason.utf8)
        output.append(contentsOf: "\r\n".utf8)
        for (name, value) in fields { Self.append(name, value, to: &output) }
        for (name, value) in added { Self.append(name, value, to: &output) }
        output.append(contentsOf: constant)
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: content)
        return output
    }

    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        appendText(name, to: &output)
        output.append(contentsOf: ": ".utf8)
        appendText(value, to: &output)
        output.append(contentsOf: "\r\n".utf8)
    }

    private static func appendText(_ text: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: text.utf8)
        for index in start..<output.count where !output[index].isFieldContent {
            output[index] = UInt8(ascii: " ")
        }
    }
}
