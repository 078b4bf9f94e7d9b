/// The hosts, origins and proxies that the operator has listed.
package struct OriginRules: Sendable, Equatable {
    package var hosts = AllowedHosts()
    package var origins = AllowedOrigins()
    package var proxies = TrustedProxies()

    package init() {}
}
