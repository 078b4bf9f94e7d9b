/// A server that stands before a hub, as its answers tell.
package enum ProxyKind: String, Sendable, CaseIterable {
    case nginx, haproxy = "HAProxy", caddy = "Caddy", apache = "Apache", envoy = "Envoy"
    case lighttpd, varnish = "Varnish", squid = "Squid", traffic = "ATS", h2o = "h2o", traefik

    /// Recognises a server by the fields of an answer; `nil` for a hub itself, and an unknown one.
    ///
    /// HAProxy adds no field, but writes all names in lower case, which on HTTP/1.1 nobody else
    /// does without a name of its own.
    package init?(fields: [(name: String, value: String)], isSecure: Bool) {
        let named = fields.filter { field in
            let name = field.name.lowercased()
            return name == "server" || name == "via" || name == "x-varnish"
        }
        let text = named.map { "\($0.name) \($0.value)" }.joined(separator: " ").lowercased()
        let known: [(String, Self)] = [
            ("envoy", .envoy), ("varnish", .varnish), ("caddy", .caddy), ("nginx", .nginx),
            ("openresty", .nginx), ("apachetrafficserver", .traffic), ("ats/", .traffic),
            ("apache", .apache), ("lighttpd", .lighttpd), ("squid", .squid), ("h2o", .h2o),
            ("traefik", .traefik),
        ]
        if let found = known.first(where: { text.contains($0.0) }) {
            self = found.1
        } else if named.isEmpty, !isSecure, !fields.isEmpty,
            fields.allSatisfy({ $0.name == $0.name.lowercased() })
        {
            self = .haproxy
        } else {
            return nil
        }
    }
}
