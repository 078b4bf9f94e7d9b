internal import CLinux

/// Measures short times within a round, for which an ``Instant`` is too coarse.
package struct Stopwatch: Sendable {
    private let start: UInt64

    /// Starts to measure.
    package init() {
        start = Self.nanoseconds()
    }

    /// The microseconds that have passed since the start.
    package var microseconds: Int { Int((Self.nanoseconds() - start) / 1000) }

    /// Reads `CLOCK_MONOTONIC` (clock_gettime(2)).
    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
