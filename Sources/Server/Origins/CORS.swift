internal import HTTP

/// The fields of answers that let listed pages read them (fetch.spec.whatwg.org).
enum CORS {
    /// Every answer depends on `Origin`, so caches keep them apart, those without the field too.
    static let vary = ("Vary", "Origin")

    /// Returns the fields of any answer to a request that has passed.
    ///
    /// In a hub that asks for credentials (`isLocked`) listed pages may send cookies.
    static func fields(
        _ check: OriginCheck, origin: String, isLocked: Bool
    ) -> [(String, String)] {
        guard check == .listed || check == .anyone else { return [] }
        var fields = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", "Retry-After, ETag, Location"),
        ]
        if isLocked, check == .listed {
            fields.append(("Access-Control-Allow-Credentials", "true"))
        }
        return fields
    }

    /// The header fields that are allowed when a preflight request names none.
    private static let headerFields =
        "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, "
        + "Last-Event-ID"

    /// Returns the further fields of the answer to a preflight request of a listed origin.
    ///
    /// All header fields that the request names are allowed. No list could know which ones a page's
    /// tracing scripts add, and a page that may call the hub at all may say what it likes.
    static func preflight(
        _ head: RequestHead, _ check: OriginCheck, methods: String
    ) -> [(String, String)] {
        guard check == .listed || check == .anyone else { return [] }
        let asked = head.field("access-control-request-headers")
        let allowed = asked.flatMap { FieldNames.areList($0) ? $0 : nil } ?? headerFields
        return [
            ("Access-Control-Allow-Methods", methods), ("Access-Control-Allow-Headers", allowed),
            ("Access-Control-Max-Age", "7200"), ("Vary", "Access-Control-Request-Headers"),
        ]
    }
}
