internal import Generators

/// When a failed attempt is followed by another: full jitter over a growing span, or when the
/// provider said.
///
/// The span is 4 s after the first attempt and doubles up to 5 minutes. All jobs that fail
/// together, because a provider is down, come back spread over it (AWS, "Exponential Backoff And
/// Jitter").
struct RetryPolicy: Sendable {
    var base = 2.0
    var maximumDelay = 300.0
    /// A provider that asks for more is not believed.
    var maximumAskedDelay = 86_400.0

    /// Seconds to wait after attempt `attempt` (from 1); `nil` when there is no sense in another.
    ///
    /// `random` is a number in 0..<1.
    func delay(after attempt: Int, _ retry: GenerationError.Retry, random: Double) -> Double? {
        switch retry {
        case .never: nil
        case .after(let seconds): min(max(0, seconds), maximumAskedDelay)
        case .later, .cancelled:
            random * min(maximumDelay, base * Double(1 << min(20, max(0, attempt))))
        }
    }
}
