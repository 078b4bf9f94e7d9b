/// What a database is made of, without its rows.
package struct DatabaseSchema: Sendable, Equatable {
    /// A column of a table.
    package struct Column: Sendable, Equatable {
        package let name: String
        /// The type as it was declared; empty without one.
        package let type: String
        package let isRequired: Bool
        /// Whether the column is the primary key or a part of it.
        package let isKey: Bool

        package init(name: String, type: String, isRequired: Bool, isKey: Bool) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
            self.isKey = isKey
        }
    }

    /// A column that names a row of another table.
    package struct Link: Sendable, Equatable {
        package let column: String
        package let table: String

        package init(column: String, table: String) {
            self.column = column
            self.table = table
        }
    }

    /// A table with its columns in their order.
    package struct Table: Sendable, Equatable {
        package let name: String
        package var columns: [Column]
        package var links: [Link]
        /// How many indexes it has.
        package var indexes: Int

        package init(name: String, columns: [Column] = [], links: [Link] = [], indexes: Int = 0) {
            self.name = name
            self.columns = columns
            self.links = links
            self.indexes = indexes
        }
    }

    package var tables: [Table] = []
    /// The names of views and of virtual tables, of which nothing else is read: to know their
    /// columns, what they are made of would have to be run.
    package var views: [String] = []

    package init() {}

    package var columnCount: Int { tables.reduce(0) { $0 + $1.columns.count } }
}

/// How much of a schema is read; what has more is refused.
package struct SchemaLimits: Sendable {
    package var tables = 2_000
    package var columns = 20_000
    /// Tables, indexes, views and triggers together.
    package var entries = 20_000
    /// Bytes of the statements that made them.
    package var text = 4 << 20
    /// Instructions of SQLite's machine, about a hundred million of which take a second.
    package var instructions = 50_000_000

    package init() {}
}

/// Why a file's schema is not read, as a sentence for the person who sent it.
package struct SchemaError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether the reading was cancelled, so that nothing is said of the file.
    package let isCancelled: Bool

    init(_ description: String, isCancelled: Bool = false) {
        self.description = description
        self.isCancelled = isCancelled
    }

    static func damaged(_ why: String) -> SchemaError {
        SchemaError("The file is not a whole SQLite database: \(why).")
    }
}
