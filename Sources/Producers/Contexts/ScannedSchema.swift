internal import JSON
internal import Schemas

/// What the later steps need of a schema that was read, in the form in which it is stored.
struct ScannedSchema: Sendable {
    let tables: Int
    let columns: Int
    /// The name of each area, the largest first.
    let areas: [String]
    /// The schema as the model is told it.
    let text: String

    init(_ schema: DatabaseSchema, areas: [TableArea]) {
        tables = schema.tables.count
        columns = schema.columnCount
        self.areas = areas.prefix(50).map { SchemaText.name($0.name) }
        text = SchemaText(schema, areas: areas).text
    }

    init(json: [UInt8]) {
        tables = RecordJSON.integer("tables", of: json) ?? 0
        columns = RecordJSON.integer("columns", of: json) ?? 0
        text = RecordJSON.member("text", of: json) ?? ""
        areas = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("Area ")
                ? line.dropFirst(5).prefix { $0 != "(" }.split(separator: " ").joined(
                    separator: " ")
                : nil
        }
    }

    var json: [UInt8] {
        RecordJSON.object { json in
            json.member("tables", tables)
            json.member("columns", columns)
            json.member("text", text)
        }
    }
}
