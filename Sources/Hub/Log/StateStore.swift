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

    /// Returns all retained events of the selectors, by resource, with the last sequence of the log
    /// that they belong to.
    func states(
        of selectors: [Selector]
    ) async throws(LogUnavailable) -> (lastSequence: UInt64, states: [ResourceState])
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
