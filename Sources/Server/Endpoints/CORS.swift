internal import HTTP

/// The response fields that let pages of any origin call the hub, without credentials
/// (fetch.spec.whatwg.org).
enum CORS {
    static let fields = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "Retry-After, ETag, Location"),
    ]

    /// The fields as encoded lines.
    static let lines = Array(fields.map { "\($0): \($1)\r\n" }.joined().utf8)

    /// The header fields that are allowed when a preflight request names none.
    private static let headerFields =
        "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, "
        + "Last-Event-ID"

    /// Returns the further fields of the answer to a preflight request.
    ///
    /// All header fields that the request names are allowed. No list could know which ones a page's
    /// tracing scripts add, and without credentials there is nothing that a list would protect.
    static func preflight(_ head: RequestHead, methods: String) -> [(String, String)] {
        let asked = head.field("access-control-request-headers")
        let allowed = asked.flatMap { FieldNames.areList($0) ? $0 : nil } ?? headerFields
        return [
            ("Access-Control-Allow-Methods", methods), ("Access-Control-Allow-Headers", allowed),
            ("Access-Control-Max-Age", "86400"), ("Vary", "Access-Control-Request-Headers"),
        ]
    }
}
