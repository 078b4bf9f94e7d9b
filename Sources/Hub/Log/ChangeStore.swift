// Records, which are kept beside the log: what work in this process has, and what it makes.
//
// A change is a value of a named type, not a closure: the list of these types is what another store
// must be able to do, the name stands in the hub's log when a change fails, and a test can apply a
// change by itself.
// Invariant: what a change writes and the events that it announces are in one transaction of the
//   log, so nothing is announced that was not stored, and nothing is stored unannounced.

package import Records

/// A change of the records, with the events that announce it.
package protocol StoreChange<Outcome>: Sendable {
    associatedtype Outcome: Sendable

    /// Changes the records within a transaction, whose time and earlier changes it finds in
    /// `records`.
    ///
    /// Runs on the log's thread; it must not wait for anything. It adds to `events` those that
    /// announce the change, in their order.
    /// - Returns: the outcome, for whoever asked for the change.
    /// - Throws: `LogUnavailable`; then nothing of the change is stored.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Outcome
}

extension StoreChange {
    /// The name of the type, for the hub's own log.
    package static var name: String { String(describing: Self.self) }
}

/// A question about the records, as of one moment.
package protocol StoreRead<Value>: Sendable {
    associatedtype Value: Sendable

    /// Reads the value from the records; it must not wait for anything else.
    ///
    /// - Throws: `LogUnavailable` when the records cannot be read.
    func read(from records: any RecordStore) throws(LogUnavailable) -> Value
}

/// The records that are kept in the transactions of a log.
protocol ChangeStore: Sendable {
    /// Takes a change and returns at once.
    ///
    /// The change's events are handed to the sink when all is committed.
    func submit(_ change: any PendingChange, to sink: any CommitSink)

    /// Reads records, which hold every change that was answered before.
    func read<Read: StoreRead>(_ read: Read) async throws(LogUnavailable) -> Read.Value
}

/// A submitted change, which also takes its own answer.
protocol PendingChange: BrokerPort {
    var name: String { get }

    /// Applies the change in the log's transaction.
    ///
    /// - Returns: the events that announce it.
    func apply(to records: any RecordStore) throws(LogUnavailable) -> [Publication]
}

extension PendingChange {
    var reply: Reply { Reply(port: self, ticket: 0) }
}
