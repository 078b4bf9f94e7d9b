package import Hub
package import Records

/// A change that a test writes down where it makes it.
package struct ClosureChange<Outcome: Sendable>: StoreChange {
    private let body: @Sendable (any RecordStore) throws(LogUnavailable) -> (Outcome, [Publication])

    package init(
        body:
            @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> (
                Outcome, [Publication]
            )
    ) {
        self.body = body
    }

    package func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Outcome {
        let (outcome, announced) = try body(records)
        events += announced
        return outcome
    }
}

/// A read that a test writes down where it makes it.
package struct ClosureRead<Value: Sendable>: StoreRead {
    private let body: @Sendable (any RecordStore) throws(LogUnavailable) -> Value

    package init(
        body: @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> Value
    ) {
        self.body = body
    }

    package func read(from records: any RecordStore) throws(LogUnavailable) -> Value {
        try body(records)
    }
}

extension Broker {
    package func write<Outcome: Sendable>(
        _ body:
            @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> (
                Outcome, [Publication]
            )
    ) async throws(LogUnavailable) -> Outcome {
        try await write(ClosureChange(body: body))
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> Value
    ) async throws(LogUnavailable) -> Value {
        try await read(ClosureRead(body: body))
    }
}
