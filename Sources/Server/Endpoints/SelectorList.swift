internal import HTTP
internal import Hub

/// The `resources` of a query: up to 100 names, each once.
struct SelectorList {
    static let limit = 100

    let selectors: [Selector]

    /// - Throws: 400 that says which name is wrong and what would be right.
    init(_ head: RequestHead) throws(Problem) {
        try self.init(QueryItems(requested: head))
    }

    init(_ query: QueryItems) throws(Problem) {
        let names = query.values("resources").flatMap { value in
            // By bytes: a comma and a character that joins the next one are one `Character`.
            value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
        }
        guard !names.isEmpty, names != [""] else {
            throw Problem(
                .badRequest,
                "The query parameter resources is missing; say ?resources=post:456,influencer:*")
        }
        var seen: Set<Selector> = []
        var selectors: [Selector] = []
        for name in names {
            let selector: Selector
            do { selector = try Selector(name) } catch {
                throw Problem(.badRequest, "resources: \(error)")
            }
            if seen.insert(selector).inserted { selectors.append(selector) }
        }
        guard selectors.count <= Self.limit else {
            throw Problem(
                .badRequest,
                "resources has \(selectors.count) names; at most \(Self.limit) go on one stream.")
        }
        self.selectors = selectors
    }

    /// The names as resources.
    ///
    /// - Throws: 400 when one is a pattern.
    func resources() throws(Problem) -> [Resource] {
        var resources: [Resource] = []
        for selector in selectors {
            guard case .resource(let resource) = selector else {
                throw Problem(
                    .badRequest, "\(selector) is a pattern; presence is counted by resource.")
            }
            resources.append(resource)
        }
        return resources
    }
}

extension QueryItems {
    init(requested head: RequestHead) throws(Problem) {
        do { try self.init(head.query) } catch { throw Problem(error) }
    }
}
