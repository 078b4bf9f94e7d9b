import Records

@testable import Hub

/// A change that a test writes down where it makes it.
struct ClosureChange<Outcome: Sendable>: StoreChange {
    let body: @Sendable (any RecordStore) throws(LogUnavailable) -> (Outcome, [Publication])

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Outcome {
        let (outcome, announced) = try body(records)
        events += announced
        return outcome
    }
}

/// A read that a test writes down where it makes it.
struct ClosureRead<Value: Sendable>: StoreRead {
    let body: @Sendable (any RecordStore) throws(LogUnavailable) -> Value

    func read(from records: any RecordStore) throws(LogUnavailable) -> Value {
        try body(records)
    }
}

extension Broker {
    func write<Outcome: Sendable>(
        _ body:
            @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> (
                Outcome, [Publication]
            )
    ) async throws(LogUnavailable) -> Outcome {
        try await write(ClosureChange(body: body))
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> Value
    ) async throws(LogUnavailable) -> Value {
        try await read(ClosureRead(body: body))
    }
}
