internal import Configuration
internal import Server

extension OriginRules {
    /// Reads the lists of hosts, origins and proxies.
    ///
    /// - Throws: `UnusableSetting`, which names the flag, the entry and what would be right.
    init(_ configuration: ServeConfiguration) throws(UnusableSetting) {
        self.init()
        hosts = try Self.read(
            configuration.allowedHosts, of: "--allowed-hosts",
            "a host name, an address, or *.example.com", AllowedHosts.init)
        origins = try Self.read(
            configuration.allowedOrigins, of: "--allowed-origins",
            "a scheme, a host and perhaps a port, such as https://app.example.com or "
                + "https://*.example.com, or *", AllowedOrigins.init)
        proxies = try Self.read(
            configuration.trustedProxies, of: "--trusted-proxies",
            "an address or a network such as 10.0.0.0/8", TrustedProxies.init)
    }

    private static func read<List>(
        _ entries: [String], of flag: String, _ expected: String,
        _ read: ([String]) throws(InvalidListEntry) -> List
    ) throws(UnusableSetting) -> List {
        do throws(InvalidListEntry) { return try read(entries) } catch {
            throw UnusableSetting(
                description: "\(flag) has the entry '\(error.entry)'; an entry is \(expected).")
        }
    }
}
