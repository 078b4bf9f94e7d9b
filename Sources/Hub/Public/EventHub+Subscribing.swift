internal import Records
internal import Telemetry

extension EventHub {
    /// Where a subscription begins.
    public enum Start: Sendable, Equatable {
        /// With events that are published from now on.
        case now
        /// With the first event after this one, whose id the caller had before.
        case after(EventID)
        /// With the state of the resources, each event once and oldest first, and then the events
        /// published since: between the two there is neither a gap nor an overlap.
        case state
    }

    /// Subscribes to resources.
    ///
    /// What is published after this call belongs to the subscription, however late the first event
    /// is asked for. Only transient events are left out until it has caught up with the state or
    /// the log, which begins when the first event is asked for.
    ///
    /// - Parameters:
    ///   - resources: 1–100 names such as `post:7`, or `post:*` for all resources of a kind.
    ///   - events: the names of the events to be given; `nil` for all.
    ///   - start: where to begin.
    /// - Returns: the subscription, which lasts until it is cancelled or nobody holds it.
    /// - Throws: `EventHubError.invalid` for names that break the rules, `EventHubError.expired` or
    ///   `EventHubError.unknownCursor` when the log does not go on from the cursor,
    ///   `EventHubError.closed`.
    public func subscribe(
        to resources: [String], events: Set<String>? = nil, from start: Start = .now
    ) throws(EventHubError) -> Subscription {
        let selectors = try Self.selectors(resources)
        try operations.enter()
        defer { operations.leave() }
        if case .after(let cursor) = start { try checkResumption(from: cursor) }
        return Subscription(
            token: desk.open(selectors, filter: events, from: start), hub: self)
    }

    private func checkResumption(from cursor: EventID) throws(EventHubError) {
        guard case .failure(let refusal) = broker.resumption(from: cursor.description) else {
            return
        }
        switch refusal.reason {
        case .expired:
            throw .expired(oldest: EventID(epoch: broker.epoch, sequence: refusal.oldest))
        case .epoch, .future, .malformed: throw .unknownCursor(cursor)
        }
    }

    static func selectors(_ names: [String]) throws(EventHubError) -> [Selector] {
        var selectors: [Selector] = []
        for name in names {
            let selector: Selector
            do throws(NameError) { selector = try Selector(name) } catch {
                throw .invalid(error.description)
            }
            guard selector.presenceTarget == nil else {
                throw .invalid("\(name) is no resource here: presence counts a server's streams.")
            }
            if !selectors.contains(selector) { selectors.append(selector) }
        }
        guard (1...maximumResources).contains(selectors.count) else {
            throw .invalid(
                "There are \(selectors.count) resources; 1 to \(maximumResources) are taken.")
        }
        return selectors
    }

    /// The number of resources at most in one subscription, or in one call for state.
    private static let maximumResources = 100

    // MARK: State

    /// The retained events of some resources, and the position in the log that they belong to.
    public struct State: Sendable {
        /// A retained event: the newest of its resource and name.
        public struct Entry: Sendable, Equatable {
            /// The resource whose state the event is.
            public let resource: String
            /// The event's name.
            public let name: String
            /// The event's place in the log.
            public let id: EventID
            /// When it was published, by the log's time, in milliseconds since
            /// 1970-01-01T00:00:00Z.
            public let milliseconds: Int64
            /// Its JSON value, compact, as text in UTF-8.
            public let data: [UInt8]

            /// `data` as a string.
            public var text: String { String(decoding: data, as: UTF8.self) }
        }

        /// The position in the log; a subscription that begins after it goes on where the state
        /// ends.
        public let cursor: EventID
        /// One entry for each resource and name, in no order.
        public let entries: [Entry]
    }

    /// Reads the state of resources.
    ///
    /// - Parameter resources: 1–100 names such as `post:7`, or `post:*` for all of a kind.
    /// - Returns: the newest retained event of each resource and name, as of one moment.
    /// - Throws: `EventHubError.invalid` for names that break the rules,
    ///   `EventHubError.unavailable` when the store cannot be read, `EventHubError.closed`.
    public func state(of resources: [String]) async throws(EventHubError) -> State {
        let selectors = try Self.selectors(resources)
        try operations.enter()
        defer { operations.leave() }
        do throws(LogUnavailable) {
            let listing = try await broker.states(of: selectors)
            let entries = listing.states.map { state in
                State.Entry(
                    resource: state.resource, name: state.name, id: state.id,
                    milliseconds: state.at.milliseconds, data: state.data)
            }
            return State(cursor: listing.cursor, entries: entries)
        } catch {
            throw EventHubError(error)
        }
    }
}
