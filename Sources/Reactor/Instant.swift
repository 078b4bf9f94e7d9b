internal import CLinux

/// A point on the monotonic clock, which never steps back, in milliseconds since an arbitrary
/// start.
package struct Instant: Comparable, Hashable, Sendable {
    package let milliseconds: UInt64

    package init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    /// Reads `CLOCK_MONOTONIC` (clock_gettime(2)).
    package static func now() -> Self {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Self(
            milliseconds: UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func advanced(milliseconds count: Int) -> Self {
        Self(milliseconds: milliseconds &+ UInt64(max(0, count)))
    }

    /// Returns the milliseconds that have passed since `earlier`, or 0 when `earlier` lies ahead.
    package func since(_ earlier: Self) -> Int {
        earlier < self ? Int(milliseconds - earlier.milliseconds) : 0
    }
}
