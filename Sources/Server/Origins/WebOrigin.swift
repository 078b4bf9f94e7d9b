/// The origin of a page: scheme, host and port, as the field `Origin` has them (RFC 6454, 7.1).
struct WebOrigin: Hashable, Sendable {
    /// In lower case, for example `https`.
    let scheme: String
    let host: Host
    /// The port, or the scheme's usual one; `nil` for a scheme that has none.
    let port: Int?

    /// Reads `scheme://host` or `scheme://host:port`.
    ///
    /// - Returns: `nil` for anything else: `null`, which stands for an origin that nobody may know,
    ///   a list of origins, a path behind the host, or user information before it.
    init?(_ text: String) {
        guard let separator = text.firstRange(of: "://"),
            let scheme = Self.scheme(text[..<separator.lowerBound]),
            let authority = Authority(text[separator.upperBound...])
        else { return nil }
        self.init(scheme: scheme, authority)
    }

    init(scheme: String, _ authority: Authority) {
        self.scheme = scheme
        host = authority.host
        port = authority.port ?? Self.usualPort(of: scheme)
    }

    /// Returns a scheme in lower case (RFC 3986, 3.1).
    static func scheme(_ text: some StringProtocol) -> String? {
        guard let first = text.utf8.first, (97...122).contains(first | 0x20),
            text.utf8.allSatisfy({ byte in
                (97...122).contains(byte | 0x20) || (48...57).contains(byte)
                    || "+-.".utf8.contains(byte)
            })
        else { return nil }
        return text.lowercased()
    }

    private static func usualPort(of scheme: String) -> Int? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
