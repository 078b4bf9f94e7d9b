/// When a JWK Set is fetched: every 10 minutes, and for a `kid` that is not in it at most every 30
/// seconds; one fetch at a time.
///
/// All times are seconds of one clock, which may jump.
package struct FetchSchedule: Sendable {
    /// The seconds after which keys are fetched again.
    package static let lifetime = 600
    /// The least seconds between two fetches.
    package static let interval = 30
    /// The seconds between two tries until the first success.
    package static let firstInterval = 5

    private var lastTry: Int?
    private var lastSuccess: Int?
    private var isFetching = false

    package init() {}

    /// Begins a fetch if it is time for one; `end` must follow.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - forUnknownKey: Whether a token names a key that the set does not have.
    /// - Returns: whether to fetch now.
    package mutating func begin(at now: Int, forUnknownKey: Bool) -> Bool {
        guard !isFetching, isDue(at: now, forUnknownKey: forUnknownKey) else { return false }
        isFetching = true
        lastTry = now
        return true
    }

    /// Notes the end of a fetch.
    package mutating func end(at now: Int, succeeded: Bool) {
        isFetching = false
        if succeeded { lastSuccess = now }
    }

    private func isDue(at now: Int, forUnknownKey: Bool) -> Bool {
        guard let lastTry, lastTry <= now else { return true }
        guard let lastSuccess, lastSuccess <= now else {
            return now - lastTry >= Self.firstInterval
        }
        guard now - lastTry >= Self.interval else { return false }
        return forUnknownKey || now - lastSuccess >= Self.lifetime
    }
}
