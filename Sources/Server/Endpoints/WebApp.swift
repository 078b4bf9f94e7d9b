// A web app beside the hub: the files of a folder, read once at the start and served at /app/ from
// memory. Nothing that a request says reaches the file system.

internal import HTTP
internal import JSON
package import Reactor

/// The files of a web app, by path.
package struct WebApp: Sendable {
    package static let mostBytes = 64 << 20
    static let prefix = "/app/"

    private struct Asset: Sendable {
        let bytes: [UInt8]
        let type: String
        let tag: String
        let isImmutable: Bool
    }

    /// The `Content-Security-Policy`: what the app may load, and who may frame it.
    ///
    /// The app shares its origin with the hub's interface. So its scripts must come from its
    /// folder, and only pages of the same origin may frame it. Scripts and styles inside its
    /// documents run, because small pages have them there. Requests and pictures may go anywhere
    /// over HTTP, because an app may use further servers.
    private static let policy = [
        "default-src 'self'", "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob: http: https:",
        "media-src 'self' data: blob: http: https:", "font-src 'self' data:",
        "connect-src 'self' http: https:", "worker-src 'self' blob:", "object-src 'none'",
        "base-uri 'self'", "form-action 'self'", "frame-ancestors 'self'",
    ].joined(separator: "; ")

    private let assets: [String: Asset]

    package init(_ files: [Files.File]) {
        var assets: [String: Asset] = [:]
        for file in files {
            assets[file.path] = Asset(
                bytes: file.bytes, type: Self.type(of: file.path), tag: Self.tag(of: file.bytes),
                isImmutable: Self.namesItsContent(file.path))
        }
        self.assets = assets
    }

    /// The answer to a request for `path`, which begins with `/app/`.
    ///
    /// A path that names no file and has no extension is one of the app's own routes, so it gets
    /// `index.html`.
    ///
    /// - Throws: 404.
    func response(to path: String, known: KnownTags) throws(Problem) -> Response {
        let name = PercentEncoding.decode(String(path.dropFirst(Self.prefix.count))) ?? ""
        let isFile = name.split(separator: "/").last?.contains(".") ?? false
        guard let asset = assets[name] ?? (isFile ? nil : assets["index.html"]) else {
            throw Problem(.notFound, "The web app has no file \(name).")
        }
        let fields = [
            ("ETag", asset.tag),
            (
                "Cache-Control",
                asset.isImmutable ? "public, max-age=31536000, immutable" : "no-cache"
            ),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", Self.policy),
        ]
        if known.include(asset.tag) {
            return Response(.notModified, fields: fields)
        }
        return Response(.ok, fields: fields, body: asset.bytes, contentType: asset.type)
    }

    /// Returns whether a name holds a hash of the file's content, as bundlers write it:
    /// `main-3F2K9A1C.js`.
    private static func namesItsContent(_ path: String) -> Bool {
        let parts = path.split { $0 == "." || $0 == "-" || $0 == "/" }
        return parts.dropLast().contains { part in
            part.utf8.count >= 8 && part.utf8.contains { (48...57).contains($0) }
                && part.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
        }
    }

    /// Returns a strong entity tag: the length and a hash of the bytes.
    private static func tag(of bytes: [UInt8]) -> String {
        var hash = FNV1a()
        hash.add(bytes)
        return "\"\(String(bytes.count, radix: 36))-\(String(hash.value, radix: 36))\""
    }

    private static func type(of path: String) -> String {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt", "md": "text/plain; charset=utf-8"
        case "webmanifest": "application/manifest+json"
        default: "application/octet-stream"
        }
    }
}
