/// The hosts for which requests are taken besides this machine's own names.
package struct AllowedHosts: Sendable, Equatable {
    private var hosts: Set<Host> = []
    /// The parts behind the star of `*.example.com`, each with its leading dot.
    private var suffixes: [String] = []

    package init() {}

    /// Reads a list of names, addresses and patterns such as `*.example.com`, whose ports are
    /// ignored.
    ///
    /// - Throws: `InvalidListEntry` for anything else.
    package init(_ entries: [String]) throws(InvalidListEntry) {
        for entry in entries {
            let isPattern = entry.hasPrefix("*.")
            let text = entry.dropFirst(isPattern ? 2 : 0)
            guard !text.contains("*"), let host = Authority(text)?.host else {
                throw InvalidListEntry(entry: entry)
            }
            switch host {
            case .name(let name) where isPattern: suffixes.append("." + name)
            case .address where isPattern: throw InvalidListEntry(entry: entry)
            case .name, .address: hosts.insert(host)
            }
        }
    }

    var isEmpty: Bool { hosts.isEmpty && suffixes.isEmpty }

    func contains(_ host: Host) -> Bool {
        hosts.contains(host) || suffixes.contains { host.isBelow($0) }
    }
}

/// The error that an entry of a list of hosts, origins or networks has none of the allowed forms.
package struct InvalidListEntry: Error, Equatable {
    package let entry: String
}

extension Host {
    /// Whether the host is a name that ends with this suffix, which begins with a dot, and has at
    /// least one byte before it.
    func isBelow(_ suffix: String) -> Bool {
        guard case .name(let name) = self else { return false }
        return name.utf8.count > suffix.utf8.count && name.hasSuffix(suffix)
    }
}
