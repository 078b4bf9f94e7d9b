internal import HTTP
internal import Hub
internal import Reactor
internal import Telemetry

/// All workers of a hub, for endpoints that ask each of them.
///
/// It is empty until `introduce` is called at the start.
final class Workers: Sendable {
    private let known = Lock<[Worker]>([])

    private var all: [Worker] { known.withLock { $0 } }

    var count: Int { all.count }

    func introduce(_ workers: [Worker]) {
        known.withLock { $0 = workers }
    }

    /// Returns how many open streams receive each of these resources, in their order.
    func counts(of resources: [Resource]) async -> [Int] {
        var counts = [Int](repeating: 0, count: resources.count)
        for worker in all {
            for (index, count) in await worker.counts(of: resources).enumerated() {
                counts[index] += count
            }
        }
        return counts
    }

    /// Returns how many open streams receive each of these resources and who they are, in their
    /// order.
    func presences(at resources: [Resource]) async -> [Worker.Presence] {
        var presences = Array(repeating: Worker.Presence(), count: resources.count)
        for worker in all {
            for (index, presence) in await worker.presences(at: resources).enumerated() {
                presences[index].count += presence.count
                presences[index].members.formUnion(presence.members)
            }
        }
        return presences
    }

    /// Returns the figures of each worker.
    func shares() async -> [Worker.Share] {
        var shares: [Worker.Share] = []
        for worker in all { shares.append(await worker.share(Stopwatch())) }
        return shares
    }

    /// Changes which resources an open stream asks for.
    ///
    /// - Returns: all that the stream asks for after the change.
    /// - Throws: 404 when there is no such stream, 403 when the caller may not do it, 422 when it
    ///   would ask for too much.
    func apply(
        _ change: StreamChange, to id: ConnectionID, by caller: Caller
    ) async throws(Problem) -> [Selector] {
        let all = all
        guard all.indices.contains(id.worker) else { throw StreamChange.unknownStream }
        // Caught and thrown again so that the caller is back on its own thread: see `DurableLog`.
        do throws(Problem) {
            return try await all[id.worker].apply(change, to: id, by: caller)
        } catch { throw error }
    }

    /// Ends the streams that `wanted` names, with `revoked`.
    ///
    /// - Returns: how many there were.
    func disconnect(_ wanted: StreamMatch) async -> Int {
        var count = 0
        for worker in all { count += await worker.disconnect(wanted) }
        return count
    }
}

extension Worker {
    /// One worker's figures: its deliveries, its connections, and what its streams ask for.
    struct Share: Sendable {
        let delivery: DeliveryCounters
        let streams: StreamFigures
        let latency: PublishLatency
        /// How long the worker took until it answered, in microseconds.
        let lag: Int
        let connections: Int
        let selectors: [Selector]
    }

    /// The number of streams that receive a resource, and their members.
    struct Presence: Sendable {
        var count = 0
        var members: Set<MemberName> = []

        /// Those who are named in an answer, in order.
        var named: [MemberName] { Array(members.sorted().prefix(MemberRoom.maximumNamed)) }
    }

    /// Returns the figures of this worker, which were asked for when `watch` began.
    func share(_ watch: Stopwatch) -> Share {
        Share(
            delivery: streams.shard.counters, streams: streams.figures,
            latency: publishing.latency, lag: watch.microseconds,
            connections: connections.count, selectors: streams.shard.selectors)
    }

    func counts(of resources: [Resource]) -> [Int] {
        resources.map(streams.shard.count)
    }

    func presences(at resources: [Resource]) -> [Presence] {
        resources.map {
            Presence(count: streams.shard.count(of: $0), members: streams.namedMembers(at: $0))
        }
    }

    /// Changes which resources one of this worker's streams asks for.
    ///
    /// The mail is handled first, so that the change holds from the present on.
    func apply(
        _ change: StreamChange, to id: ConnectionID, by caller: Caller
    ) throws(Problem) -> [Selector] {
        takeMail()
        return try streams.apply(change, to: id, by: caller)
    }

    /// Ends those of this worker's streams that `wanted` names.
    ///
    /// - Returns: how many there were.
    func disconnect(_ wanted: StreamMatch) -> Int { streams.disconnect(wanted) }
}
