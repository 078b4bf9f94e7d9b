internal import Generators

/// The wait before another attempt: full jitter over a growing span, or what the provider asked
/// for.
///
/// The span is 4 s after the first attempt and doubles up to 5 minutes. All jobs that fail
/// together, because a provider is down, come back spread over it (AWS, "Exponential Backoff And
/// Jitter").
struct RetryPolicy: Sendable {
    var base = 2.0
    var maximumDelay = 300.0
    /// The most seconds that a provider may ask for; more is cut to this.
    var maximumAskedDelay = 86_400.0

    /// Returns the seconds to wait after attempt `attempt` (from 1).
    ///
    /// `random` is a number in 0..<1.
    ///
    /// - Returns: `nil` when another attempt makes no sense.
    func delay(after attempt: Int, _ retry: GenerationError.Retry, random: Double) -> Double? {
        switch retry {
        case .never: nil
        case .after(let seconds): min(max(0, seconds), maximumAskedDelay)
        case .later, .cancelled:
            random * min(maximumDelay, base * Double(1 << min(20, max(0, attempt))))
        }
    }
}
