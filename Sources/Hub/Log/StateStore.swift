internal import Records
package import Telemetry

/// The latest retained event of each resource and name, kept in the transactions of the log.
protocol StateStore: Sendable {
    /// Whether a snapshot of these selectors may hold anything.
    ///
    /// The answer costs little and errs towards yes.
    func mayHoldState(of selectors: [Selector]) -> Bool

    /// Returns retained events of the selectors with `cursor < sequence <= last` in log order,
    /// encoded as state.
    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame]

    /// Returns all retained events of the selectors by resource, and what of them has ended, with
    /// the last sequence of the log that this belongs to.
    func states(of selectors: [Selector]) async throws(LogUnavailable) -> StateListing

    /// Whether any resource of these selectors may have ended.
    ///
    /// The answer costs little and errs towards yes.
    func mayHaveEnded(_ selectors: [Selector]) -> Bool

    /// Returns which resources of the selectors have ended, each once.
    func ends(of selectors: [Selector]) async throws(LogUnavailable) -> EndListing

    /// Forgets that a resource has ended, and its state, in the order of what is submitted.
    ///
    /// Nothing is handed to the workers; the reply gets the answer, without an id.
    func forget(_ resource: Resource, _ reply: Reply, to sink: any CommitSink)
}

/// The state of some selectors as of one moment.
struct StateListing: Sendable {
    /// The last sequence of the log that all this belongs to.
    let lastSequence: UInt64
    /// By resource, in no order.
    let states: [ResourceState]
    let ends: [EndedResource]
}

/// The ended resources of some selectors as of one moment.
struct EndListing: Sendable {
    /// The last sequence of the log that this belongs to.
    let lastSequence: UInt64
    let ends: [EndedResource]
}

/// A retained event as a snapshot shows it.
package struct StateFrame: Sendable {
    package let sequence: UInt64
    package let frame: EventFrame

    package init(sequence: UInt64, frame: EventFrame) {
        self.sequence = sequence
        self.frame = frame
    }
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
