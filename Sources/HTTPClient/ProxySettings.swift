internal import Reactor

/// The proxy that requests go through: a stated one, or what the environment says as curl reads it.
///
/// `http_proxy`, `https_proxy` and `all_proxy` name proxies. `http_proxy` counts in lower case
/// only, because the client of a CGI script can set `HTTP_PROXY` by a field. `no_proxy` lists hosts
/// that are asked directly: names with all names below them, addresses, networks such as
/// `10.0.0.0/8`, or `*`. Without a stated proxy, this machine itself is asked directly, as a proxy
/// elsewhere cannot reach it.
package struct ProxySettings: Sendable {
    /// A proxy and the setting that named it.
    package struct Proxy: Sendable, Hashable {
        /// The URL as curl takes it, which may contain a name and a password.
        let url: String
        /// The flag or variable that named the proxy, such as `http_proxy`.
        package let source: String

        /// The URL for people, without a name and a password.
        package var shownURL: String {
            guard let at = url.lastIndex(of: "@") else { return url }
            let scheme = url.firstRange(of: "://").map { String(url[..<$0.upperBound]) } ?? ""
            return scheme + url[url.index(after: at)...]
        }
    }

    private let environment: [String: String]
    private let stated: Proxy?
    private let isDirect: Bool

    /// - Parameters:
    ///   - environment: the environment variables.
    ///   - stated: a proxy for all requests, whatever the environment says; `none` for no proxy at
    ///     all.
    ///   - source: the flag or setting that `stated` comes from.
    package init(
        environment: [String: String] = Process.environment, stated: String? = nil,
        source: String = ""
    ) {
        self.environment = environment
        isDirect = stated == "none"
        self.stated = isDirect ? nil : stated.map { Proxy(url: $0, source: source) }
    }

    /// Returns the proxy for a URL; `nil` when its server is asked directly.
    package func proxy(for url: String) -> Proxy? {
        let parts = URLParts(url)
        return proxy(
            scheme: parts.part(.scheme) ?? "", host: parts.part(.host) ?? "")
    }

    func proxy(scheme: String, host: String) -> Proxy? {
        if let stated { return stated }
        var host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !isDirect, !Self.isThisMachine(host), !isExempt(host) else { return nil }
        var names = ["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"]
        if scheme == "http" { names.remove(at: 1) }
        return names.lazy.compactMap { name in
            environment[name].flatMap { $0.isEmpty ? nil : Proxy(url: $0, source: name) }
        }.first
    }

    private static func isThisMachine(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || IPAddress(host).map { IPNetwork("127.0.0.0/8")?.contains($0) == true } == true
    }

    /// Whether `no_proxy` lists the host.
    private func isExempt(_ host: String) -> Bool {
        let list = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "").lowercased()
        let address = IPAddress(host)
        return list.split { $0 == "," || $0 == " " || $0 == "\t" }.contains { entry in
            if entry == "*" { return true }
            if let address {
                let plain = entry.hasPrefix("[") ? entry.dropFirst().prefix { $0 != "]" } : entry
                return IPNetwork(String(plain))?.contains(address) == true
            }
            let name = entry.drop { $0 == "." }
            return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
        }
    }
}
