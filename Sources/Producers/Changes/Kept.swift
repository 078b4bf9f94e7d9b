package import Hub
package import Records

/// The result of a step that changes no record.
package struct Kept: StoreChange {
    /// Compact JSON.
    package let result: [UInt8]

    package init(_ result: [UInt8]) {
        self.result = result
    }

    package func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> [UInt8] {
        result
    }
}
