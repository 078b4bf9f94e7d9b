// The columns of a record: the one place that lists what is kept of it. A store makes its
// statements from them and reads its rows by them, so no order of columns has to be kept in two
// places by hand.

/// A value in a column, in the types that every store has.
package enum ColumnValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
}

/// A type that a column can keep.
package protocol ColumnStorable: SendableMetatype {
    /// The value as it is written into a column.
    var columnValue: ColumnValue { get }

    /// Makes a value from that of a column.
    ///
    /// A value of another type than the column's is read as 0, as false or as empty: the store's
    /// schema forbids it, and a single bad row must not end the reading of a list.
    init(columnValue: ColumnValue)
}

/// The ways in which a column may be written after its row was made.
package enum ColumnUse: Sendable {
    /// The row's own number, which the store gives.
    case number
    /// Written when the row is made, and never again.
    case fixed
    /// Changes with the record.
    case changing
    /// Changes often while a job runs; no index has it.
    case figure
    /// Read by the store from other tables; never written.
    case derived
}

/// A column of a table of records.
package struct Column<Row>: Sendable {
    package let name: String
    package let use: ColumnUse
    package let value: @Sendable (Row) -> ColumnValue
    package let read: @Sendable (ColumnValue, inout Row) -> Void

    /// Makes a column of one property, which is read from it and written to it.
    init<Value: ColumnStorable>(
        _ name: String, _ use: ColumnUse, _ property: any WritableKeyPath<Row, Value> & Sendable
    ) {
        self.name = name
        self.use = use
        value = { $0[keyPath: property].columnValue }
        read = { $1[keyPath: property] = Value(columnValue: $0) }
    }
}

/// A record that is a row of one table.
package protocol StoredRow: Sendable {
    static var columns: [Column<Self>] { get }

    /// The row's number, which grows from one row to the next; 0 until the store has given it.
    var number: Int64 { get }

    /// An empty record, into which a row is read.
    static var blank: Self { get }
}

// MARK: Types of columns

extension Int64: ColumnStorable {
    package var columnValue: ColumnValue { .integer(self) }

    package init(columnValue: ColumnValue) {
        if case .integer(let value) = columnValue { self = value } else { self = 0 }
    }
}

extension Int: ColumnStorable {
    package var columnValue: ColumnValue { .integer(Int64(self)) }

    package init(columnValue: ColumnValue) { self.init(Int64(columnValue: columnValue)) }
}

extension Bool: ColumnStorable {
    package var columnValue: ColumnValue { .integer(self ? 1 : 0) }

    package init(columnValue: ColumnValue) { self = Int64(columnValue: columnValue) != 0 }
}

extension Double: ColumnStorable {
    package var columnValue: ColumnValue { .real(self) }

    package init(columnValue: ColumnValue) {
        self =
            switch columnValue {
            case .real(let value): value
            case .integer(let value): Double(value)
            default: 0
            }
    }
}

extension String: ColumnStorable {
    package var columnValue: ColumnValue { .text(self) }

    package init(columnValue: ColumnValue) {
        if case .text(let value) = columnValue { self = value } else { self = "" }
    }
}

/// A type of which a column can keep an array.
package protocol ColumnElement: SendableMetatype {
    static func columnValue(of elements: [Self]) -> ColumnValue
    static func elements(in columnValue: ColumnValue) -> [Self]
}

extension Array: ColumnStorable where Element: ColumnElement {
    package var columnValue: ColumnValue { Element.columnValue(of: self) }

    package init(columnValue: ColumnValue) { self = Element.elements(in: columnValue) }
}

extension UInt8: ColumnElement {
    package static func columnValue(of elements: [UInt8]) -> ColumnValue { .bytes(elements) }

    package static func elements(in columnValue: ColumnValue) -> [UInt8] {
        if case .bytes(let value) = columnValue { value } else { [] }
    }
}

/// Stores an array of URLs as text, one URL a line.
extension String: ColumnElement {
    package static func columnValue(of elements: [String]) -> ColumnValue {
        .text(elements.joined(separator: "\n"))
    }

    package static func elements(in columnValue: ColumnValue) -> [String] {
        String(columnValue: columnValue).utf8.split(separator: UInt8(ascii: "\n"))
            .map { String(Substring($0)) }
    }
}

extension Optional: ColumnStorable where Wrapped: ColumnStorable {
    package var columnValue: ColumnValue { self?.columnValue ?? .null }

    package init(columnValue: ColumnValue) {
        self = columnValue == .null ? nil : Wrapped(columnValue: columnValue)
    }
}

/// A state that is stored by its name.
///
/// An unknown name, of a later version, is read as a failure.
protocol StoredState: ColumnStorable, RawRepresentable where RawValue == String {
    static var failed: Self { get }
}

extension StoredState {
    package var columnValue: ColumnValue { .text(rawValue) }

    package init(columnValue: ColumnValue) {
        self = Self(rawValue: String(columnValue: columnValue)) ?? .failed
    }
}
