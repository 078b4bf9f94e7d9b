/// How much of a rate is left: a second's worth at most, or as much as its capacity, which fills up
/// again with time.
///
/// What is taken may exceed what is left; the debt delays what comes next.
struct TokenBucket: Sendable {
    private(set) var level: Double
    private var last: UInt64
    private let rate: Double
    private let capacity: Double

    /// Creates a full bucket; `rate` is in units per second, `now` in milliseconds.
    init(rate: Int, capacity: Int? = nil, now: UInt64) {
        self.rate = Double(rate)
        self.capacity = Double(capacity ?? rate)
        level = self.capacity
        last = now
    }

    /// Whether it is as if nothing had ever been taken.
    mutating func isFull(at now: UInt64) -> Bool {
        fill(at: now)
        return level >= capacity
    }

    /// Takes `count` if there is as much as `least`.
    ///
    /// - Returns: `nil` when it was taken, else the milliseconds after which it can be.
    mutating func take(_ count: Int, least: Int, at now: UInt64) -> Int? {
        fill(at: now)
        let missing = Double(least) - level
        // A thousandth of a millisecond is less than the rounding of the numbers.
        if missing > 0 { return max(1, Int((missing / rate * 1000 - 0.001).rounded(.up))) }
        level -= Double(count)
        return nil
    }

    private mutating func fill(at now: UInt64) {
        guard now > last else { return }
        level = min(capacity, level + Double(now - last) * rate / 1000)
        last = now
    }
}
