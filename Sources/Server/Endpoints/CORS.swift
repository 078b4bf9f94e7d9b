/// What browsers of any origin may do here, without credentials (fetch.spec.whatwg.org).
enum CORS {
    static let fields = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "Retry-After, ETag, Location"),
    ]

    /// The fields as they are sent.
    static let lines = Array(fields.map { "\($0): \($1)\r\n" }.joined().utf8)

    /// The further fields of an answer to a preflight request.
    static func preflight(methods: String) -> [(String, String)] {
        [
            ("Access-Control-Allow-Methods", methods),
            (
                "Access-Control-Allow-Headers",
                "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, "
                    + "If-None-Match, Last-Event-ID"
            ),
            ("Access-Control-Max-Age", "86400"),
        ]
    }
}
