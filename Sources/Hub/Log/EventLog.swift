internal import Records
internal import Telemetry

/// The receiver of the answer to a submission.
struct Reply: Sendable {
    let port: any BrokerPort
    /// A number of the port's own, which comes back with the answer.
    let ticket: UInt64
}

/// A publish that waits for its commit.
struct Submission: Sendable {
    let publications: [Publication]
    /// Whether its sender waits for the answer before it sends more, however much it has.
    ///
    /// Such a submission is taken even when the number of waiting events would refuse another. Its
    /// events are single ones: those before one that may not be published stand. Those of any other
    /// go into the log together or not at all.
    let isPaced: Bool
    let reply: Reply

    /// Returns the events that are published although one of them may not be.
    func publications(despite conflict: PublishConflict) -> [Publication] {
        isPaced ? Array(publications[..<conflict.index]) : []
    }
}

/// A submission that is in the log, with its events and where each of them was placed.
struct CommittedSubmission {
    let publications: [Publication]
    let placements: [EventPlacement]
    let reply: Reply
    /// The event that may not be published; then the events before it are all that is in the log,
    /// and for a submission whose events belong together, none are.
    var conflict: PublishConflict?
}

/// The receiver of what a log has committed, in log order, one call at a time.
protocol CommitSink: AnyObject, Sendable {
    /// Takes submissions that are in the log; `oldest` is the first sequence still kept.
    func committed(
        _ batch: [CommittedSubmission], at time: Timestamp, oldest: UInt64)
    /// Takes a refusal: nothing of what was submitted is in the log.
    func refused(_ reply: Reply, _ reason: LogUnavailable)
    /// Takes the new beginning of the log, which retention has moved.
    func trimmed(oldest: UInt64)
    /// Returns the newest event of a resource that is in memory, for a log that keeps none itself.
    func newestSequence(of resource: Resource) -> UInt64?
}

/// The one ordered sequence of events.
///
/// State and records change in its transactions; they are `StateStore` and `ChangeStore`. Another
/// store, or a log that several hubs share, implements these three protocols.
protocol EventLog: Sendable {
    var epoch: Epoch { get }
    /// The last sequence at the start, and the newest events from which the memory tail is filled.
    var restored: RestoredLog { get }
    /// Why nothing can be stored now; `nil` when all is well.
    var unavailability: LogUnavailable? { get }

    /// Why work should rather be sent to another hub, though it may be that all can be stored;
    /// `nil` when all is well.
    var healthProblem: LogUnavailable? { get }

    /// Figures about the log on disk; `nil` where there is none.
    var figures: LogFigures? { get async }

    /// The log's own time, which every event, record and deadline in it goes by.
    var now: Timestamp { get }

    /// Milliseconds after which the memory tail drops an event, where the tail is all there is of
    /// the log.
    ///
    /// `nil` where the log has its own retention and says what it has trimmed.
    var tailAge: Int64? { get }

    /// Says to whom the log tells what it trims; once, before the first submission.
    func attach(_ sink: any CommitSink)

    /// Takes a submission and returns at once; the sink gets it when it is committed.
    func submit(_ submission: Submission, to sink: any CommitSink)

    /// Returns matching events after `cursor` and up to `last`, oldest first.
    ///
    /// - Returns: `nil` when some are no longer kept.
    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> EventPage?

    /// Returns the places of the newest matching events before `end`, newest first.
    ///
    /// - Returns: at most `limit` of them; fewer when there are no more.
    func newest(
        before end: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> [EventPlace]

    /// Closes the log once it has done what was submitted; later submissions are refused.
    func close() async
}

extension EventLog {
    func attach(_ sink: any CommitSink) {}
    var tailAge: Int64? { nil }
    var healthProblem: LogUnavailable? { unavailability }
    var figures: LogFigures? { nil }
}

/// The contents of a log when it is opened, as far as the broker needs them.
struct RestoredLog: Sendable {
    let lastSequence: UInt64
    let oldest: UInt64
    /// The newest events without gaps up to `lastSequence`, ascending; perhaps none.
    let newest: [EventFrame]
}
