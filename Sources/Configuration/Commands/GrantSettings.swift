/// Grants as they were typed for a key or a token.
package struct GrantSettings: Sendable, Equatable {
    package var subscribe: [String] = []
    package var publish: [String] = []
    package var jobs: [String] = []
    package var isAdmin = false

    package init() {}
}

extension CommandFlag {
    /// Returns the flags that set grants.
    static func grants(
        _ path: any WritableKeyPath<Root, GrantSettings> & Sendable
    ) -> [CommandFlag] {
        [
            CommandFlag(
                name: "grant-publish", placeholder: "LIST",
                help: "What may be published to: resources (post:1), kinds (post:*) or *. "
                    + "May be repeated."
            ) { text, root in append(text, to: &root[keyPath: path].publish) },
            CommandFlag(
                name: "grant-subscribe", placeholder: "LIST",
                help: "What may be received. May be repeated."
            ) { text, root in append(text, to: &root[keyPath: path].subscribe) },
            CommandFlag(
                name: "jobs", placeholder: "RIGHTS",
                help: "Rights on jobs: read, write and work, between commas."
            ) { text, root in append(text, to: &root[keyPath: path].jobs) },
            CommandFlag(
                name: "admin", placeholder: nil,
                help: "The admin endpoints and the metrics."
            ) { _, root in
                root[keyPath: path].isAdmin = true
                return nil
            },
        ]
    }

    /// Adds items between commas to a list.
    ///
    /// - Returns: what the text has to be, if it is not that.
    private static func append(_ text: String, to list: inout [String]) -> String? {
        // Split by bytes, because a comma and a combining mark behind it are one `Character`.
        let items = text.utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false
        ).map { String(Substring($0)) }
        guard !items.contains("") else { return "items between commas" }
        list += items
        return nil
    }
}
