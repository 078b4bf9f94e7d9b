import JSON

/// An error for a client as `application/problem+json` (RFC 9457).
///
/// The type is `about:blank`, so the title is the status' reason phrase (RFC 9457, 4.2.1).
package struct Problem: Error, Sendable {
    package var status: Status
    /// A sentence that says what was wrong and what would be right.
    package var detail: String
    /// One word for programs: why a request was refused.
    package var reason: String?
    /// The resource that the caller may not use, or that stands in the way.
    package var resource: String?
    /// The id of the newest event of the resource, which the request did not expect.
    package var current: String?
    /// The name of the request in the hub's log.
    package var requestID: String?
    /// A JSON pointer to the member of the request that was wrong (RFC 6901).
    package var pointer: String?
    /// The line of an NDJSON body that was wrong, from 1.
    package var line: Int?
    /// How many events of an NDJSON body have been published.
    package var published: Int?
    /// Seconds after which another attempt makes sense; sent also as `Retry-After`.
    package var retryAfter: Int?
    /// Further fields of the response, `Allow` for example.
    package var fields: [(String, String)]

    package init(
        _ status: Status, _ detail: String, reason: String? = nil, pointer: String? = nil,
        line: Int? = nil, published: Int? = nil, retryAfter: Int? = nil,
        fields: [(String, String)] = []
    ) {
        self.status = status
        self.detail = detail
        self.reason = reason
        self.pointer = pointer
        self.line = line
        self.published = published
        self.retryAfter = retryAfter
        self.fields = fields
    }

    package init(_ error: RequestError) {
        self.init(error.status, error.detail)
    }

    package var type: String { "about:blank" }
    package var title: String { status.reason }

    package func response() -> Response {
        var fields = fields
        if let retryAfter { fields.append(("Retry-After", String(retryAfter))) }
        return Response(
            status, fields: fields, body: json, contentType: "application/problem+json")
    }

    private var json: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(128 + detail.utf8.count)
        func begin(_ name: StaticString, first: Bool = false) {
            output.append(UInt8(ascii: first ? "{" : ","))
            appendJSONString(name.description, to: &output)
            output.append(UInt8(ascii: ":"))
        }
        func member(_ name: StaticString, _ value: Int?) {
            guard let value else { return }
            begin(name)
            output.append(contentsOf: String(value).utf8)
        }
        func text(_ name: StaticString, _ value: String?) {
            guard let value else { return }
            begin(name)
            appendJSONString(value, to: &output)
        }
        begin("type", first: true)
        appendJSONString(type, to: &output)
        begin("title")
        appendJSONString(title, to: &output)
        member("status", status.code)
        begin("detail")
        appendJSONString(detail, to: &output)
        text("reason", reason)
        text("resource", resource)
        text("current", current)
        text("request_id", requestID)
        text("pointer", pointer)
        member("line", line)
        member("published", published)
        member("retry_after", retryAfter)
        output.append(UInt8(ascii: "}"))
        return output
    }
}
