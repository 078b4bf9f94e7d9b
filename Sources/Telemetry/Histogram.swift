/// Counts of values by upper bounds, and their sum, as a Prometheus histogram shows them.
///
/// Values are whole numbers of some small unit, such as microseconds; `scale` says how many of
/// them are one of the unit that is shown.
package struct Histogram: Sendable {
    /// How a histogram is divided, and in which unit it is shown.
    package struct Scale: Sendable, Equatable {
        /// The upper bounds, ascending, in the small unit; each belongs to its own bucket.
        package let bounds: [Int]
        /// The number of small units in one that is shown.
        package let unit: Int

        /// 100 µs to 10 s, counted in microseconds and shown in seconds.
        package static let latency = Self(
            bounds: [
                100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000,
                500_000, 1_000_000, 2_500_000, 10_000_000,
            ], unit: 1_000_000)
        /// A second to a day, counted in milliseconds and shown in seconds.
        package static let duration = Self(
            bounds: [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400].map { $0 * 1_000 },
            unit: 1_000)
        /// 1 to 10,000 pieces.
        package static let pieces = Self(
            bounds: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000], unit: 1)
    }

    package let scale: Scale
    /// How many values each bucket has; the last one is of those above all bounds.
    package private(set) var counts: [Int]
    package private(set) var sum = 0

    /// Makes a histogram without values.
    package init(_ scale: Scale) {
        self.scale = scale
        counts = Array(repeating: 0, count: scale.bounds.count + 1)
    }

    package mutating func add(_ value: Int) {
        counts[scale.bounds.firstIndex { value <= $0 } ?? scale.bounds.count] += 1
        sum += value
    }

    /// Adds all values of another histogram of the same scale.
    package mutating func add(_ other: Self) {
        precondition(scale == other.scale, "histograms of two scales have no sum")
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
