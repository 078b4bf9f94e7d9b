internal import Records
internal import Telemetry

/// Where the answer to a submission goes.
struct Reply: Sendable {
    let port: any BrokerPort
    /// What it means is the port's own affair.
    let ticket: UInt64
}

/// A publish on its way: its events go into the log together or not at all.
struct Submission: Sendable {
    let publications: [Publication]
    /// Whether its sender waits for the answer before it sends more, however much it has: then it
    /// is let in where the number of waiting events would refuse it.
    let isPaced: Bool
    let reply: Reply
}

/// A submission that is in the log, with its events and where each of them came to be.
struct CommittedSubmission {
    let publications: [Publication]
    let placements: [EventPlacement]
    let reply: Reply
}

/// Where a log hands over what it has committed, in log order, one call at a time.
protocol CommitSink: AnyObject, Sendable {
    /// The submissions are in the log; `oldest` is the first sequence still kept.
    func committed(
        _ batch: [CommittedSubmission], at time: Timestamp, oldest: UInt64)
    /// Nothing of what was submitted is in the log.
    func refused(_ reply: Reply, _ reason: LogUnavailable)
    /// Retention has moved the beginning of the log.
    func trimmed(oldest: UInt64)
}

/// The one ordered sequence of events.
///
/// What is kept beside it in the same transactions is `StateStore` and `ChangeStore`. A log that
/// hubs share, or that lives in another store, is another implementation of the three.
protocol EventLog: Sendable {
    var epoch: Epoch { get }
    /// The last sequence at the start, and the newest events from which the memory tail is filled.
    var restored: RestoredLog { get }
    /// Why nothing can be stored now; `nil` when all is well.
    var unavailability: LogUnavailable? { get }

    /// Why work had better be sent elsewhere, though it may be that all can be stored; `nil` when
    /// all is well.
    var healthProblem: LogUnavailable? { get }

    /// How much waits to be brought into the log's file; `nil` where there is none.
    var writeAheadLog: WriteAheadLogFigures? { get }

    /// The log's own time, which every event, record and deadline in it goes by.
    var now: Timestamp { get }

    /// Milliseconds after which the memory tail gives an event up, where the tail is all there is
    /// of the log; `nil` where the log has its own retention and says what it has trimmed.
    var tailAge: Int64? { get }

    /// Takes a submission; it is handed to the sink when it is committed. Returns at once.
    func submit(_ submission: Submission, to sink: any CommitSink)

    /// Matching events after `cursor` and up to `last`, oldest first; `nil` when some are no longer
    /// kept.
    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> EventPage?

    /// Ends all work after what was submitted; later submissions are refused.
    func close() async
}

extension EventLog {
    var tailAge: Int64? { nil }
    var healthProblem: LogUnavailable? { unavailability }
    var writeAheadLog: WriteAheadLogFigures? { nil }
}

/// The write-ahead log of a store, for collectors.
package struct WriteAheadLogFigures: Sendable {
    /// Bytes that are in use; the file may be longer.
    package let bytes: Int
    /// Seconds since all of it was in the database; since the start if it never was.
    package let checkpointAge: Int
}

/// What a log knows when it is opened.
struct RestoredLog: Sendable {
    let lastSequence: UInt64
    let oldest: UInt64
    /// The newest events without gaps up to `lastSequence`, ascending; perhaps none.
    let newest: [EventFrame]
}
