internal import HTTP

/// What browsers of any origin may do here, without credentials (fetch.spec.whatwg.org).
enum CORS {
    static let fields = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "Retry-After, ETag, Location"),
    ]

    /// The fields as they are sent.
    static let lines = Array(fields.map { "\($0): \($1)\r\n" }.joined().utf8)

    /// The header fields that are allowed where a preflight asks for none.
    private static let headerFields =
        "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, "
        + "Last-Event-ID"

    /// The further fields of an answer to a preflight request.
    ///
    /// The header fields that it asks for are allowed, whatever they are: no list can know what
    /// scripts for tracing add on a page, and without credentials there is nothing that a list
    /// would protect.
    static func preflight(_ head: RequestHead, methods: String) -> [(String, String)] {
        let asked = head.field("access-control-request-headers")
        let allowed = asked.flatMap { FieldNames.areList($0) ? $0 : nil } ?? headerFields
        return [
            ("Access-Control-Allow-Methods", methods), ("Access-Control-Allow-Headers", allowed),
            ("Access-Control-Max-Age", "86400"), ("Vary", "Access-Control-Request-Headers"),
        ]
    }
}
