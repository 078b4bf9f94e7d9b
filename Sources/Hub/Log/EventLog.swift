package import Storage
package import Telemetry

/// A change of what is kept besides the log; gives the events that tell of it.
///
/// Runs on the log's thread, in the transaction that stores both; it must not wait for anything.
package typealias RecordChange = @Sendable (RecordStore) throws(StoreError) -> [Publication]

/// A publish on its way: its events go into the log together or not at all.
package struct Submission: Sendable {
    /// What to publish; known only once it was done for a change.
    package enum Content: Sendable {
        case publications([Publication])
        case change(RecordChange)
    }

    let content: Content
    /// Whether its sender waits for the answer before it sends more, however much it has: then it
    /// is let in where the number of waiting events would refuse it.
    let isPaced: Bool
    let port: any BrokerPort
    let ticket: UInt64
}

extension Submission {
    /// How many events it counts for while it waits.
    var eventCount: Int {
        switch content {
        case .publications(let publications): publications.count
        case .change: 1
        }
    }
}

/// A submission that is in the log, with its events and where each of them came to be.
struct CommittedSubmission {
    let submission: Submission
    let publications: [Publication]
    let placements: [EventPlacement]
}

/// Why the log cannot take or give events now.
package struct LogUnavailable: Error, Sendable, CustomStringConvertible {
    /// All that is known, paths included: for the hub's own log.
    package let description: String
    /// The same for those who wait for it, whom the hub's folders do not concern.
    package let outline: String
    /// Seconds after which another attempt makes sense.
    package let retryAfter: Int

    init(description: String, outline: String? = nil, retryAfter: Int) {
        self.description = description
        self.outline = outline ?? description
        self.retryAfter = retryAfter
    }
}

/// Where a log hands over what it has committed, in log order, one call at a time.
protocol CommitSink: AnyObject, Sendable {
    /// The submissions are in the log; `oldest` is the first sequence still kept.
    func committed(
        _ batch: [CommittedSubmission], at time: Timestamp, oldest: UInt64)
    /// Nothing of these submissions is in the log.
    func refused(_ batch: [Submission], _ reason: LogUnavailable)
    /// Retention has moved the beginning of the log.
    func trimmed(oldest: UInt64)
}

/// The one ordered sequence of events, with the state and the keys that are kept beside it.
///
/// A log that one machine shares with others, or that lives in another store, is another
/// implementation.
protocol EventLog: Sendable {
    var epoch: Epoch { get }
    /// The last sequence at the start, and the newest events from which the memory tail is filled.
    var restored: RestoredLog { get }
    /// Why nothing can be stored now; `nil` when all is well.
    var trouble: LogUnavailable? { get }

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
    ) async throws(LogUnavailable) -> LogPage?

    /// Whether a snapshot of these selectors may hold anything; a cheap answer that errs towards
    /// yes.
    func mayHoldState(of selectors: [Selector]) -> Bool

    /// Retained events of the selectors with `cursor < sequence <= last` in log order, encoded as
    /// such.
    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame]

    /// All retained events of the selectors, by resource, with the head of the log that they belong
    /// to.
    func states(
        of selectors: [Selector]
    ) async throws(LogUnavailable) -> (head: UInt64, states: [ResourceState])

    /// Reads what is kept besides the log, as of one moment; every change that was answered is in
    /// it.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (RecordStore) throws(StoreError) -> Value
    ) async throws(LogUnavailable) -> Value

    /// Ends all work after what was submitted; later submissions are refused.
    func close() async
}

extension EventLog {
    var tailAge: Int64? { nil }
    var healthProblem: LogUnavailable? { trouble }
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
    let head: UInt64
    let oldest: UInt64
    /// The newest events without gaps up to `head`, ascending; perhaps none.
    let newest: [EventFrame]
}

/// A retained event as a snapshot shows it.
package struct StateFrame: Sendable {
    package let sequence: UInt64
    package let frame: EventFrame
}

/// One event that is the state of a resource under its name.
package struct ResourceState: Sendable {
    package let resource: String
    package let name: String
    package let id: EventID
    package let at: Timestamp
    /// Compact JSON.
    package let data: [UInt8]
}
