internal import Reactor

/// Says which refusals are logged, each with a line of its own.
///
/// Whoever sends nothing but bad requests would otherwise fill the disk. What is left out is
/// counted, and the count has a line now and then.
struct RefusalLines {
    /// Lines in a second, in the long run.
    static let rate = 100
    /// Lines that may come at once, after a quiet time.
    static let burst = 1000

    private var allowance: TokenBucket
    private var omitted = RareLine()

    init(now: Instant) {
        allowance = TokenBucket(rate: Self.rate, capacity: Self.burst, now: now.milliseconds)
    }

    enum Decision: Equatable {
        case log
        /// There is no line for it, but one that says how many were left out if `count` is given;
        /// `askAgain` says when `takeOmitted` is to be called.
        case leaveOut(count: Int?, askAgain: Instant?)
    }

    /// Decides about one refusal.
    mutating func decide(at now: Instant) -> Decision {
        if allowance.take(1, least: 1, at: now.milliseconds) == nil { return .log }
        let (count, askAgain) = omitted.note(at: now)
        return .leaveOut(count: count, askAgain: askAgain)
    }

    /// Takes the number of refusals that were left out and not told yet.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - isLast: Whether the hub ends, so that no other line comes.
    /// - Returns: 0 when all were told, or the last line was less than 10 s ago.
    mutating func takeOmitted(at now: Instant, isLast: Bool = false) -> Int {
        isLast || omitted.isDue(at: now) ? omitted.take(at: now) : 0
    }
}
