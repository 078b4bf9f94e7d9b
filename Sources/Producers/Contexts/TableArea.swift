internal import Schemas

/// Tables that belong together: by their links, or else by the first word of their names.
struct TableArea: Sendable, Equatable {
    /// The table that most others name, or the word.
    let name: String
    /// The tables, those that most others name first.
    let tables: [String]

    /// Groups the tables of a schema; the largest area comes first, of those with links.
    static func areas(of schema: DatabaseSchema) -> [TableArea] {
        let groups = Groups(schema)
        var areas: [TableArea] = []
        var named: [TableArea] = []
        var words: [String: [String]] = [:]
        for members in groups.members {
            if members.count > 1 {
                areas.append(TableArea(name: members[0], tables: members))
            } else {
                words[firstWord(of: members[0]), default: []].append(members[0])
            }
        }
        var others: [String] = []
        for (word, tables) in words {
            if tables.count > 1 {
                named.append(TableArea(name: word, tables: tables.sorted()))
            } else {
                others += tables
            }
        }
        areas.sort { ($1.tables.count, $0.name) < ($0.tables.count, $1.name) }
        named.sort { ($1.tables.count, $0.name) < ($0.tables.count, $1.name) }
        areas += named
        if !others.isEmpty { areas.append(TableArea(name: "other", tables: others.sorted())) }
        return areas
    }

    private static func firstWord(of name: String) -> String {
        String(name.lowercased().prefix { $0 != "_" && $0 != " " && $0 != "-" })
    }
}

/// The tables that links connect, by way of others too.
private struct Groups {
    private var parents: [Int]
    /// The groups' tables, each group's most named first.
    private(set) var members: [[String]] = []

    init(_ schema: DatabaseSchema) {
        parents = Array(schema.tables.indices)
        let numbers = Dictionary(
            schema.tables.enumerated().map { ($1.name.lowercased(), $0) },
            uniquingKeysWith: { first, _ in first })
        var named = [Int](repeating: 0, count: schema.tables.count)
        for (index, table) in schema.tables.enumerated() {
            for link in table.links {
                guard let other = numbers[link.table.lowercased()], other != index else { continue }
                named[other] += 1
                parents[root(of: index)] = root(of: other)
            }
        }
        var groups: [Int: [Int]] = [:]
        for index in schema.tables.indices { groups[root(of: index), default: []].append(index) }
        members = groups.values.map { group in
            group.sorted { (-named[$0], $0) < (-named[$1], $1) }.map { schema.tables[$0].name }
        }
        members.sort { $0[0] < $1[0] }
    }

    private mutating func root(of index: Int) -> Int {
        var index = index
        while parents[index] != index {
            parents[index] = parents[parents[index]]
            index = parents[index]
        }
        return index
    }
}
