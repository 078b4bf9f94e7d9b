extension Flag {
    static let origins = Group(
        title: "Who may call",
        flags: [
            Flag(
                "allowed-hosts", "HOSTS",
                .list(
                    \.allowedHosts,
                    .entry("host names and addresses between commas, or *.example.com")),
                "Names by which the hub may be called, for example hub.example.com or *.example.com; ports are ignored. On a loopback address its own names are always taken, and on any other every host is taken as long as none is listed."
            ),
            Flag(
                "allowed-origins", "ORIGINS",
                .list(
                    \.allowedOrigins,
                    .entry(
                        "origins between commas, such as https://app.example.com or https://*.example.com, or *"
                    )),
                "Origins besides the hub's own whose pages may call it, for example https://app.example.com or https://*.example.com; * allows all."
            ),
            Flag(
                "trusted-proxies", "NETWORKS",
                .list(
                    \.trustedProxies,
                    .entry("addresses and networks between commas, such as 127.0.0.1,10.0.0.0/8")),
                "Addresses and networks of proxies whose X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, Forwarded and PROXY protocol are believed."
            ),
            Flag(
                "insecure-open", \.isOpenInsecurely,
                "Listen on an address that is not loopback although no credentials are configured, so that whoever reaches it may do everything."
            ),
        ])
}

extension Flag.Item {
    /// An entry of visible characters, which the hub itself reads when it starts.
    fileprivate static func entry(_ expected: String) -> Self {
        Self(expected: expected) { !$0.isEmpty && $0.utf8.allSatisfy { (33...126).contains($0) } }
    }
}
