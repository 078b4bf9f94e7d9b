// What is kept besides the log: records of work, and of what it makes.
//
// A change is a value with a name, not a closure: the list of its kind is what another store must
// be able to do, its name stands in the hub's log when it fails, and a test can apply it by itself.
// Invariant: what a change writes and the events that it announces are in one transaction of the
//   log, so nothing is announced that was not stored, and nothing stored in silence.

package import Records

/// A change of the records, with the events that announce it.
package protocol StoreChange<Outcome>: Sendable {
    associatedtype Outcome: Sendable

    /// Changes the records within a transaction, in which it finds the time and all that was
    /// changed before.
    ///
    /// Runs on the log's thread; it must not wait for anything. It adds to `events` those that
    /// announce the change, in their order.
    /// - Returns: what whoever asked for the change wants to know.
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

    /// Reads what it is about; must not wait for anything else.
    ///
    /// - Throws: `LogUnavailable` when the records cannot be read.
    func read(from records: any RecordStore) throws(LogUnavailable) -> Value
}

/// The records that are kept in the transactions of a log.
protocol ChangeStore: Sendable {
    /// Takes a change; its events are handed to the sink when all is committed. Returns at once.
    func submit(_ change: any PendingChange, to sink: any CommitSink)

    /// Reads records; every change that was answered is in what is read.
    func read<Read: StoreRead>(_ read: Read) async throws(LogUnavailable) -> Read.Value
}

/// A change on its way: whoever waits for its answer, too.
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
