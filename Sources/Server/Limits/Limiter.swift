// Counts what callers take, over all workers.
//
// Cost: without limits a stream costs one atomic addition at its beginning and one at its end, and
//   a request nothing. The lock is taken only where an operator has set a limit for each caller.
// Memory: what is counted of a caller is forgotten when it has nothing open and its rates are
//   unused. Should there be more callers than `maximumBuckets`, all rates begin anew.

internal import Reactor
internal import Synchronization

/// The limits of a hub, and how much of each is used.
final class Limiter: Sendable {
    /// What a rate is of.
    enum Rate: Hashable, Sendable, CaseIterable {
        case streams
        case writes
        case bytes
    }

    /// The reason why there is no place for a stream or poll.
    enum NoPlace: Equatable {
        /// The hub has as many as it takes.
        case overloaded
        case address
        case subject
    }

    let limits: Limits
    private let open = Atomic<Int>(0)
    private let state = Lock(State())

    private struct Bucket: Hashable {
        let rate: Rate
        let key: LimitKey
    }

    private struct State {
        var places: [LimitKey: Int] = [:]
        var buckets: [Bucket: TokenBucket] = [:]
    }

    static let maximumBuckets = 100_000

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// The number of open streams and waiting polls.
    var openCount: Int { open.load(ordering: .relaxed) }

    // MARK: Places

    /// Takes a place for a stream or a poll, which `release` gives back.
    ///
    /// - Returns: `nil` when there is one, else why there is none.
    func takePlace(for keys: LimitKeys) -> NoPlace? {
        let count = open.wrappingAdd(1, ordering: .relaxed).newValue
        if limits.maximumStreams > 0, count > limits.maximumStreams {
            open.wrappingSubtract(1, ordering: .relaxed)
            return .overloaded
        }
        guard limits.areByCaller else { return nil }
        let refusal = state.withLock { state -> NoPlace? in
            let counted: [(LimitKey?, Int, NoPlace)] = [
                (keys.address, limits.maximumStreamsPerAddress, .address),
                (keys.subject, limits.maximumStreamsPerSubject, .subject),
            ]
            for (key, limit, refusal) in counted {
                if let key, limit > 0, state.places[key, default: 0] >= limit { return refusal }
            }
            for key in keys.all { state.places[key, default: 0] += 1 }
            return nil
        }
        if refusal != nil { open.wrappingSubtract(1, ordering: .relaxed) }
        return refusal
    }

    func release(_ keys: LimitKeys) {
        open.wrappingSubtract(1, ordering: .relaxed)
        guard limits.areByCaller else { return }
        state.withLock { state in
            for key in keys.all {
                let left = state.places[key, default: 1] - 1
                state.places[key] = left > 0 ? left : nil
            }
        }
    }

    // MARK: Rates

    /// Takes `count` of a rate, of each key.
    ///
    /// Bytes may be taken as long as any are left, since their number is known late.
    /// - Returns: `nil` when it was taken, else the milliseconds after which it can be.
    func take(_ count: Int = 1, of rate: Rate, for keys: LimitKeys, at now: UInt64) -> Int? {
        let limit =
            switch rate {
            case .streams: limits.streamRate
            case .writes: limits.writeRate
            case .bytes: limits.byteRate
            }
        guard limit > 0 else { return nil }
        return state.withLock { state in
            if state.buckets.count >= Self.maximumBuckets { Self.sweep(&state, at: now) }
            let waits = keys.all.compactMap { key -> Int? in
                let bucket = Bucket(rate: rate, key: key)
                return state.buckets[bucket, default: TokenBucket(rate: limit, now: now)]
                    .take(0, least: 1, at: now)
            }
            if let longest = waits.max() { return longest }
            for key in keys.all {
                _ = state.buckets[Bucket(rate: rate, key: key)]?.take(count, least: 0, at: now)
            }
            return nil
        }
    }

    private static func sweep(_ state: inout State, at now: UInt64) {
        for (key, var bucket) in state.buckets where bucket.isFull(at: now) {
            state.buckets[key] = nil
        }
        if state.buckets.count >= maximumBuckets { state.buckets = [:] }
    }
}
