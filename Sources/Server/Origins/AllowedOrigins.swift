/// The origins, other than the hub's own, whose pages may call the hub.
package struct AllowedOrigins: Sendable, Equatable {
    /// How an origin is listed.
    enum Listing {
        case listed
        /// The list has `*`, and the origin is not named besides.
        case byStar
    }

    /// A pattern such as `https://*.example.com`.
    private struct Pattern: Equatable {
        let scheme: String
        /// Begins with a dot.
        let suffix: String
        let port: Int?
    }

    private var origins: Set<WebOrigin> = []
    private var patterns: [Pattern] = []
    private var hasStar = false

    package init() {}

    /// Reads a list of origins, patterns such as `https://*.example.com`, and `*`.
    ///
    /// - Throws: `InvalidListEntry` for anything else.
    package init(_ entries: [String]) throws(InvalidListEntry) {
        for entry in entries {
            if entry == "*" {
                hasStar = true
                continue
            }
            let isPattern = entry.contains("://*.")
            let text = isPattern ? entry.replacing("://*.", with: "://", maxReplacements: 1) : entry
            guard !text.contains("*"), let origin = WebOrigin(text) else {
                throw InvalidListEntry(entry: entry)
            }
            guard isPattern else {
                origins.insert(origin)
                continue
            }
            guard case .name(let name) = origin.host else { throw InvalidListEntry(entry: entry) }
            patterns.append(
                Pattern(scheme: origin.scheme, suffix: "." + name, port: origin.port))
        }
    }

    /// Returns how an origin is listed; `nil` when it is not.
    ///
    /// An origin that cannot be read is passed as `nil`: only `*` lists it.
    func listing(of origin: WebOrigin?) -> Listing? {
        let isNamed =
            origin.map { origin in
                origins.contains(origin)
                    || patterns.contains {
                        $0.scheme == origin.scheme && $0.port == origin.port
                            && origin.host.isBelow($0.suffix)
                    }
            } ?? false
        if isNamed { return .listed }
        return hasStar ? .byStar : nil
    }
}
