internal import HTTP
internal import Hub
internal import JSON

/// The `resources` of a query or a body: up to 100 names, each once.
struct SelectorList {
    static let limit = 100

    let selectors: [Selector]

    /// Reads the list from a request's query, each name once.
    ///
    /// - Throws: 400 that says which name is wrong and what would be right.
    init(_ head: RequestHead) throws(Problem) {
        try self.init(QueryItems(requested: head))
    }

    init(_ query: QueryItems) throws(Problem) {
        let names = query.values("resources").flatMap { value in
            // Split by bytes, as a comma and a combining character after it are one `Character`.
            value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
        }
        guard !names.isEmpty, names != [""] else {
            throw Problem(
                .badRequest,
                "The query parameter resources is missing; say ?resources=post:456,influencer:*")
        }
        var selectors: [Selector] = []
        for name in names {
            do { selectors.append(try Selector(name)) } catch {
                throw Problem(.badRequest, "resources: \(error)")
            }
        }
        self.selectors = Self.unique(selectors)
        if let excess = Self.excess(of: self.selectors) { throw Problem(.badRequest, excess) }
    }

    /// Reads the list of a body, each name once.
    ///
    /// - Throws: 422 that names the element that is wrong.
    static func read(
        _ input: inout InputReader
    ) throws(InputError) -> [Selector] {
        let selectors = unique(try readNames(&input))
        guard !selectors.isEmpty else {
            throw input.fault("resources is empty; name at least one.")
        }
        if let excess = excess(of: selectors) { throw input.fault(excess) }
        return selectors
    }

    /// Reads the names that a stream may ask for, without a limit to their number.
    ///
    /// - Throws: 422 that names the element that is wrong.
    static func readNames(
        _ input: inout InputReader
    ) throws(InputError) -> [Selector] {
        var selectors: [Selector] = []
        for (index, name) in try input.strings().enumerated() {
            do { selectors.append(try Selector(name)) } catch {
                throw input.fault(error.description, at: "\(index)")
            }
            do { _ = try StreamRequest.split(selectors.suffix(1)) } catch {
                throw input.fault(error.detail, at: "\(index)")
            }
        }
        return selectors
    }

    /// Reads names and patterns of grants, among which `*` stands for all.
    ///
    /// - Throws: 422 that names the element that is wrong.
    static func readGrants(_ input: inout InputReader) throws(InputError) -> [String] {
        let names = try input.strings()
        if let excess = names.count > limit ? names.count : nil {
            throw input.fault("subscribe has \(excess) names; at most \(limit) are taken.")
        }
        for (index, name) in names.enumerated() where name != "*" {
            do { _ = try Selector(name) } catch {
                throw input.fault(error.description, at: "\(index)")
            }
        }
        return names
    }

    private static func unique(_ selectors: [Selector]) -> [Selector] {
        var seen: Set<Selector> = []
        return selectors.filter { seen.insert($0).inserted }
    }

    private static func excess(of selectors: [Selector]) -> String? {
        guard selectors.count > limit else { return nil }
        return "resources has \(selectors.count) names; at most \(limit) go on one stream."
    }

    /// Returns the names as resources.
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
