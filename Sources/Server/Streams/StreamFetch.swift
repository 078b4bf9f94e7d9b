internal import Hub
internal import Producers
internal import Records

/// Something that has to be read for a stream: a page of state or of the log, or a job's text.
struct StreamFetch: Sendable {
    enum Wanted: Sendable {
        case state(Subscriber.Snapshot, limit: Int)
        case page(after: UInt64, upTo: UInt64, selectors: [Selector], limit: Int)
        /// The next step of the search for where the stream begins.
        case rewind(RewindSearch)
        /// The text of a job that has ended.
        case text(job: String)
        /// Which of these resources have ended.
        case ends(of: [Resource])
    }

    enum Brought: Sendable {
        case state([StateFrame])
        /// `nil` when the log does not go back so far any more.
        case page(EventPage?)
        case rewind(RewindSearch)
        case text(EventFrame?)
        case ends(Set<Resource>, asOf: UInt64)
    }

    /// The connection's token.
    let stream: UInt64
    let wanted: Wanted

    func read(from broker: Broker, _ api: JobAPI?) async throws(LogUnavailable) -> Brought {
        switch wanted {
        case .state(let snapshot, let limit):
            .state(
                try await broker.state(
                    of: snapshot.selectors, after: snapshot.cursor, upTo: snapshot.last,
                    limit: limit))
        case .page(let start, let end, let selectors, let limit):
            .page(
                try await broker.page(
                    after: start, upTo: end, matching: selectors, limit: limit))
        case .rewind(let search): .rewind(try await broker.advance(search))
        case .text(let job): .text(try await api?.wholeText(of: job))
        case .ends(let resources): try await Self.ends(of: resources, broker, api)
        }
    }

    private static func ends(
        of resources: [Resource], _ broker: Broker, _ api: JobAPI?
    ) async throws(LogUnavailable) -> Brought {
        // What is read is of this moment or later.
        let sequence = broker.lastID.sequence
        var ended = try await broker.ends(of: resources.map(Selector.resource))
        let jobs = resources.filter { $0.jobID != nil }
        if let api, !jobs.isEmpty { ended += try await api.endedJobs(among: jobs) }
        return .ends(Set(ended.map { Resource(checked: $0.resource) }), asOf: sequence)
    }
}
