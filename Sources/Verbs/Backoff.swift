/// How long a client that was cut off waits before it comes back, in seconds.
package struct Backoff: Sendable {
    private static let longest = 30.0

    /// What the hub asked for, in seconds.
    package var advice = 1.0
    private var failures = 0

    package init() {}

    /// Returns the next wait: the advice, doubled with each failure, up to 30 s, of which a random
    /// part is left out so that clients do not come back together.
    ///
    /// - Parameter part: from 0 to 1, which part of the random half is waited.
    /// - Returns: seconds.
    package mutating func next(part: Double = .random(in: 0...1)) -> Double {
        let whole = max(advice, min(Self.longest, advice * Double(1 << min(failures, 10))))
        failures += 1
        return whole * (0.5 + part / 2)
    }

    /// Forgets failures once a stream is open.
    package mutating func succeed() {
        failures = 0
    }
}
