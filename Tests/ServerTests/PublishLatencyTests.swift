import Reactor
import Telemetry
import TestSupport
import Testing

@testable import Server

@Suite struct `The measure of publishes` {
    /// How many of `count` publishes at an instant are measured.
    private func measured(
        _ count: Int, _ latency: inout PublishLatency, at milliseconds: UInt64
    ) -> Int {
        (0..<count).count { _ in latency.takesOne(at: Instant(milliseconds: milliseconds)) }
    }

    private func total(_ histogram: Histogram) -> Int { histogram.counts.reduce(0, +) }

    @Test func `takes all of few publishes, and some of many`() {
        var latency = PublishLatency()
        let counts = [
            measured(5, &latency, at: 5_000), measured(100, &latency, at: 5_100),
            measured(100, &latency, at: 7_000),
        ]
        #expect(counts == [5, PublishLatency.perSecond - 5, PublishLatency.perSecond])
    }

    @Test func `counts what streams were sent, once, and nothing else`() {
        var latency = PublishLatency()
        latency.end(delivered: 3)
        latency.begin(MeasuredPublish(watch: Stopwatch(), time: 7), delivered: 3)
        latency.begin(MeasuredPublish(watch: Stopwatch()), delivered: 4)
        latency.end(delivered: 5)
        #expect(total(latency.deliveryTimes) == 2)
        #expect(total(latency.publishTimes) == 1 && latency.publishTimes.sum == 7)
        latency.end(delivered: 6)
        latency.begin(MeasuredPublish(watch: Stopwatch()), delivered: 6)
        latency.end(delivered: 6)
        #expect(total(latency.deliveryTimes) == 2, "nobody was sent the third")
    }
}
