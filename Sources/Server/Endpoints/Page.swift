internal import Documents
internal import HTTP

/// The documents embedded in the binary: the page at `/` and the description of the interface.
enum Page {
    static let response = Response(
        .ok,
        fields: [
            ("Cache-Control", "no-cache"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                    + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'; require-trusted-types-for 'script'"
            ),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ],
        body: unsafe bytes(of: page_html()), contentType: "text/html; charset=utf-8")

    /// The answer with the description of the interface, as OpenAPI 3.1.
    static let description = Response(
        .ok, fields: [("Cache-Control", "no-cache")], body: unsafe bytes(of: openapi_json()),
        contentType: "application/json")

    private static func bytes(of document: document) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: document.bytes, count: document.count))
    }
}
