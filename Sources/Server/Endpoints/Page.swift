internal import HTTP

/// The page at `/`, embedded in the binary.
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
        body: PackageResources.page_html, contentType: "text/html; charset=utf-8")
}
