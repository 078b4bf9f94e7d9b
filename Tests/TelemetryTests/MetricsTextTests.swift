import Telemetry
import TestSupport
import Testing

@Suite struct `A histogram` {
    private let scale = Histogram.Scale.latency

    @Test func `counts a value in the bucket whose bound it does not pass`() {
        var histogram = Histogram(.latency)
        for value in [0, 100, 101, 10_000_000, 10_000_001] { histogram.add(value) }
        #expect(histogram.counts.first == 2)
        #expect(histogram.counts[1] == 1)
        #expect(histogram.counts.suffix(2) == [1, 1])
        #expect(histogram.sum == 20_000_202)
    }

    @Test func `is the sum of those that were added to it`() {
        var sum = Histogram(.pieces)
        for value in [1, 7, 20_000] {
            var other = Histogram(.pieces)
            other.add(value)
            sum.add(other)
        }
        var whole = Histogram(.pieces)
        for value in [1, 7, 20_000] { whole.add(value) }
        #expect(sum.counts == whole.counts && sum.sum == whole.sum)
    }

    @Test(arguments: [Histogram.Scale.latency, .duration, .pieces])
    func `has ascending bounds`(scale: Histogram.Scale) {
        #expect(scale.bounds == scale.bounds.sorted())
        #expect(Set(scale.bounds).count == scale.bounds.count)
    }
}

@Suite struct `The text of metrics` {
    @Test func `describes each metric once before its samples`() {
        var metrics = MetricsText()
        metrics.counter("a_total", "What a is.", [([("x", "1")], 2), ([("x", "2")], 3)])
        metrics.gauge("b", "What b is.", 4)
        #expect(
            metrics.text == """
                # HELP a_total What a is.
                # TYPE a_total counter
                a_total{x="1"} 2
                a_total{x="2"} 3
                # HELP b What b is.
                # TYPE b gauge
                b 4

                """)
    }

    @Test func `has each bucket with all that lies below it, and shows whole units`() {
        var histogram = Histogram(.duration)
        for milliseconds in [500, 1_000, 10_001] { histogram.add(milliseconds) }
        var metrics = MetricsText()
        metrics.histogram("d_seconds", "How long.", [([("kind", "k")], histogram)])
        let lines = metrics.text.split(separator: "\n")
        #expect(lines[1] == "# TYPE d_seconds histogram")
        #expect(lines[2] == #"d_seconds_bucket{kind="k",le="1"} 2"#)
        #expect(lines[3] == #"d_seconds_bucket{kind="k",le="10"} 2"#)
        #expect(lines[4] == #"d_seconds_bucket{kind="k",le="60"} 3"#)
        #expect(
            lines.suffix(3) == [
                #"d_seconds_bucket{kind="k",le="+Inf"} 3"#, #"d_seconds_sum{kind="k"} 11.501"#,
                #"d_seconds_count{kind="k"} 3"#,
            ])
    }

    @Test func `escapes what would end a label or a line`() {
        var metrics = MetricsText()
        metrics.gauge("g", "One \\ and\ntwo \"quoted\".", [([("x", "a\"b\\c\nd")], 1)])
        #expect(
            metrics.text == #"""
                # HELP g One \\ and\ntwo "quoted".
                # TYPE g gauge
                g{x="a\"b\\c\nd"} 1

                """#)
    }
}
