internal import HTTP

/// A document that a model wrote, at the wish of whoever ordered it, as it is served.
///
/// The sandbox gives it an origin that nobody shares, so it reaches neither the page around it nor
/// the hub, even when it is opened by its own address. It may run its own scripts and styles, and
/// handle forms by script; it can load nothing and send nothing.
enum SandboxedPage {
    private static let policy = [
        "sandbox allow-scripts allow-forms", "default-src 'none'", "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'", "img-src data: blob:", "media-src data: blob:",
        "font-src data:", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'",
    ].joined(separator: "; ")

    /// The answer with a document in HTML.
    static func response(_ document: [UInt8]) -> Response {
        Response(
            .ok,
            fields: [
                ("Cache-Control", "no-store"), ("Content-Security-Policy", policy),
                ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
            ], body: document, contentType: "text/html; charset=utf-8")
    }
}
