internal import JSON

/// A complete response, encoded in one piece.
package struct Response: Sendable {
    package var status: Status
    /// Fields besides those that ``encoded(for:minorVersion:close:date:constant:)`` adds.
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

    /// Returns the bytes on the wire: status line, fields, `Content-Length` and the body.
    ///
    /// A response to `HEAD` has the `Content-Length` of a `GET` and no body; 1xx, 204 and 304 have
    /// neither (RFC 9110, 8.6). Control bytes in names and values become spaces, so that no value
    /// can end its line (RFC 9110, 5.5).
    ///
    /// `minorVersion` is the request's: in HTTP/1.0 a field has to say that the connection is kept.
    /// `close` says that the connection ends with this response, `date` is the value of `Date` (see
    /// ``HTTPDate``), and `constant` is whole field lines that need no encoding.
    package func encoded(
        for method: Method, minorVersion: Int = 1, close: Bool, date: String? = nil,
        constant: [UInt8] = []
    ) -> [UInt8] {
        var output = encodedFields(
            minorVersion: minorVersion, close: close, date: date, constant: constant,
            more: body.count + 40)
        if status.forbidsContent {
            output.append(literal: "\r\n")
        } else {
            Self.append(method == .head ? [] : body, ofLength: body.count, to: &output)
        }
        return output
    }

    /// Returns the status line and all fields but `Content-Length`, the same in many responses.
    ///
    /// ``append(_:ofLength:to:)`` adds the rest, as
    /// ``encoded(for:minorVersion:close:date:constant:)`` does. `more` is the number of bytes that
    /// will follow, for which memory is reserved.
    package func encodedFields(
        minorVersion: Int = 1, close: Bool, date: String? = nil, constant: [UInt8] = [],
        more: Int = 0
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(fields.count * 64 + constant.count + 128 + more)
        output.append(literal: "HTTP/1.1 ")
        output.append(decimal: UInt64(status.code))
        output.append(literal: " ")
        output.append(text: status.reason)
        output.append(literal: "\r\n")
        for (name, value) in fields { Self.append(name, value, to: &output) }
        if let date { Self.append("Date", date, to: &output) }
        if close {
            output.append(literal: "Connection: close\r\n")
        } else if minorVersion == 0 {
            output.append(literal: "Connection: keep-alive\r\n")
        }
        output += constant
        return output
    }

    /// Ends a head with `Content-Length: length` and appends the content, which may be left out.
    package static func append(_ content: [UInt8], ofLength length: Int, to output: inout [UInt8]) {
        output.append(literal: "Content-Length: ")
        output.append(decimal: UInt64(length))
        output.append(literal: "\r\n\r\n")
        output += content
    }

    /// Returns the head of a response whose content follows as a stream of unknown length.
    ///
    /// In HTTP/1.1 the content is chunked. In HTTP/1.0 it ends with the connection, so `close` must
    /// be true there (RFC 9112, 6.3).
    package func encodedStreamHead(
        minorVersion: Int, close: Bool, date: String? = nil
    ) -> [UInt8] {
        precondition(minorVersion > 0 || close, "HTTP/1.0 ends a stream by closing: pass close")
        var output = encodedFields(minorVersion: minorVersion, close: close, date: date)
        if minorVersion > 0 { output.append(literal: "Transfer-Encoding: chunked\r\n") }
        output.append(literal: "\r\n")
        return output
    }

    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(text: name)
        output.append(literal: ": ")
        output.append(text: value)
        for index in start..<output.count where !output[index].isFieldContent {
            output[index] = UInt8(ascii: " ")
        }
        output.append(literal: "\r\n")
    }
}
