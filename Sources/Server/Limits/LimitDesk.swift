internal import HTTP
internal import Reactor

/// One worker's side of the limits: of whom a connection is counted; not isolated.
final class LimitDesk {
    private let limiter: Limiter
    private let refusals: RefusalCounts
    private let clock: WorkerClock
    /// Of whom the open streams are counted, where they are counted by caller.
    @safe @exclusivity(unchecked) private var places: [UInt64: LimitKeys] = [:]

    init(_ limiter: Limiter, refusals: RefusalCounts, clock: WorkerClock) {
        self.limiter = limiter
        hasRates = limiter.limits.haveRates
        self.refusals = refusals
        self.clock = clock
    }

    /// Whether any rate is limited.
    let hasRates: Bool

    /// Returns of whom a request is counted; of nobody where no limit asks for it.
    func keys(of connection: Connection, _ caller: Caller) -> LimitKeys {
        guard limiter.limits.areByCaller || hasRates else { return LimitKeys() }
        return LimitKeys(
            address: (connection.requests?.clientAddress ?? connection.senderAddress)
                .map(LimitKey.init),
            subject: (caller.publisher ?? connection.transport.peerName.map { "cert:" + $0 })
                .map(LimitKey.subject))
    }

    // MARK: Places

    /// Takes a place for a stream or a waiting poll.
    ///
    /// - Returns: `nil` when the connection has one now, else why there is none.
    func takePlace(_ connection: Connection, _ caller: Caller) -> Limiter.NoPlace? {
        let keys = keys(of: connection, caller)
        if let refusal = limiter.takePlace(for: keys) {
            refusals.add(
                refusal == .overloaded ? 503 : 429,
                refusal == .overloaded ? "max_streams" : "max_streams_per_\(refusal)")
            return refusal
        }
        if limiter.limits.areByCaller { places[connection.token] = keys }
        return nil
    }

    func release(_ token: UInt64) {
        limiter.release(places.removeValue(forKey: token) ?? LimitKeys())
    }

    /// The answer to a stream or poll of a caller that has as many as it may have.
    static func tooMany(_ refusal: Limiter.NoPlace) -> Problem {
        let whose = refusal == .subject ? "This subject or key" : "This address"
        return Problem(
            .tooManyRequests, "\(whose) has as many open streams as it may have; close one.",
            retryAfter: 5)
    }

    // MARK: Rates

    /// Returns whether another stream may begin now.
    func takeStream(_ connection: Connection, _ caller: Caller) -> Bool {
        guard hasRates else { return true }
        let wait = limiter.take(
            of: .streams, for: keys(of: connection, caller), at: clock.now.milliseconds)
        if wait != nil { refusals.add(200, "rate_streams") }
        return wait == nil
    }

    /// Counts a request that changes something.
    ///
    /// - Throws: 429 when there were too many, or when too many bytes were published.
    func takeWrite(_ connection: Connection, _ caller: Caller) throws(Problem) {
        guard hasRates else { return }
        let keys = keys(of: connection, caller)
        if let wait = limiter.take(of: .writes, for: keys, at: clock.now.milliseconds) {
            throw refuse("rate_writes", "Too many requests that change something", wait)
        }
        try takeBytes(0, keys)
    }

    /// Counts bytes that are published.
    ///
    /// - Throws: 429 when too many were published before.
    func takeBytes(_ count: Int, _ connection: Connection, _ caller: Caller) throws(Problem) {
        guard hasRates else { return }
        try takeBytes(count, keys(of: connection, caller))
    }

    private func takeBytes(_ count: Int, _ keys: LimitKeys) throws(Problem) {
        if let wait = limiter.take(count, of: .bytes, for: keys, at: clock.now.milliseconds) {
            throw refuse("rate_bytes", "Too many bytes were published", wait)
        }
    }

    private func refuse(_ reason: String, _ sentence: String, _ wait: Int) -> Problem {
        refusals.add(429, reason)
        return Problem(
            .tooManyRequests, "\(sentence) from this address, key or subject; wait a moment.",
            retryAfter: max(1, (wait + 999) / 1000))
    }
}
