internal import Schemas

/// A schema in words, as a model is told it.
///
/// Names come from the file and may be anything: they are cut, and are of one line.
struct SchemaText {
    /// The most bytes of the whole, about 6,000 tokens.
    private static let maximumBytes = 24 << 10
    private static let maximumName = 64
    private static let maximumColumns = 40

    let text: String

    init(_ schema: DatabaseSchema, areas: [TableArea]) {
        var lines = [
            "Database: \(schema.tables.count) tables, \(schema.columnCount) columns, "
                + "\(schema.views.count) views"
        ]
        for area in areas {
            lines.append(
                "Area \(Self.name(area.name)) (\(area.tables.count)): "
                    + area.tables.prefix(Self.maximumColumns).map(Self.name)
                    .joined(separator: ", "))
        }
        var size = lines.reduce(0) { $0 + $1.utf8.count + 1 }
        let tables = Dictionary(
            schema.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for table in areas.flatMap(\.tables).compactMap({ tables[$0] }) {
            let line = Self.line(of: table)
            size += line.utf8.count + 1
            guard size <= Self.maximumBytes else {
                lines.append("Further tables are left out here.")
                break
            }
            lines.append(line)
        }
        text = lines.joined(separator: "\n")
    }

    private static func line(of table: DatabaseSchema.Table) -> String {
        let links = Dictionary(
            table.links.map { ($0.column, $0.table) }, uniquingKeysWith: { first, _ in first })
        let columns = table.columns.prefix(maximumColumns).map { column in
            var words = [name(column.name)]
            if !column.type.isEmpty { words.append(name(column.type)) }
            if column.isKey { words.append("key") }
            if let link = links[column.name] { words.append("-> \(name(link))") }
            return words.joined(separator: " ")
        }
        let more = table.columns.count > maximumColumns ? ", …" : ""
        return "Table \(name(table.name)): \(columns.joined(separator: ", "))\(more)"
    }

    static func name(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(maximumName).map { scalar in
            scalar.properties.generalCategory == .control || scalar == "\u{2028}"
                || scalar == "\u{2029}" || scalar == "," || scalar == ":" ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
