/// Proof that a request's URL is valid and that its method and fields cannot break its framing.
struct RequestTarget: Sendable {
    /// Scheme, host and port for messages, never with credentials.
    let origin: String

    /// Checks a request.
    ///
    /// - Throws: `.invalidURL` or `.invalidRequest`.
    init(_ request: ClientRequest) throws(ClientError) {
        origin = try Self.origin(of: request.url)
        func refuse(_ reason: String) -> ClientError {
            ClientError(.invalidRequest, origin: origin, reason: reason)
        }
        guard Self.isToken(request.method) else { throw refuse("the method is no token") }
        for (name, value) in request.fields {
            // The value may be a key, so messages have only the name.
            guard Self.isToken(name) else { throw refuse("a field's name is no token") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw refuse("the field \(name) has a control character in it")
            }
            let framing = ["content-length", "transfer-encoding"]
            guard !framing.contains(name.lowercased()) else {
                throw refuse("the field \(name) is not the caller's to set")
            }
        }
    }

    private static func origin(of url: String) throws(ClientError) -> String {
        let parts = URLParts(url)
        guard let scheme = parts.part(.scheme), let host = parts.part(.host), !host.isEmpty
        else { throw ClientError(.invalidURL, reason: "it cannot be understood") }
        guard scheme == "http" || scheme == "https" else {
            throw ClientError(.invalidURL, reason: "its scheme is \(scheme)")
        }
        let port = parts.part(.port).map { ":\($0)" } ?? ""
        return "\(scheme)://\(host)\(port)"
    }

    /// Whether a text is a token as in RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
