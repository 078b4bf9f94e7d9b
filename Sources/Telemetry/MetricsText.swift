/// Metrics in the Prometheus text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
package struct MetricsText {
    /// A sample's labels, in their order.
    package typealias Labels = [(name: String, value: String)]

    package private(set) var text = ""

    package init() {}

    /// Adds a metric that only grows while the process lives; its name ends in `_total`.
    package mutating func counter(_ name: String, _ help: String, _ value: Int) {
        counter(name, help, [([], value)])
    }

    package mutating func counter(_ name: String, _ help: String, _ samples: [(Labels, Int)]) {
        describe(name, "counter", help)
        for (labels, value) in samples { add(name, labels, "\(value)") }
    }

    /// Adds a counter of seconds with a fraction.
    package mutating func counter(_ name: String, _ help: String, seconds: Double) {
        describe(name, "counter", help)
        add(name, [], "\(seconds)")
    }

    /// Adds a metric that goes up and down.
    package mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        gauge(name, help, [([], value)])
    }

    package mutating func gauge(_ name: String, _ help: String, _ samples: [(Labels, Int)]) {
        describe(name, "gauge", help)
        for (labels, value) in samples { add(name, labels, "\(value)") }
    }

    /// Adds a gauge that is counted in microseconds and shown in seconds.
    package mutating func gauge(
        _ name: String, _ help: String, microseconds samples: [(Labels, Int)]
    ) {
        describe(name, "gauge", help)
        for (labels, value) in samples { add(name, labels, Self.shown(value, 1_000_000)) }
    }

    package mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        self.histogram(name, help, [([], histogram)])
    }

    package mutating func histogram(
        _ name: String, _ help: String, _ histograms: [(Labels, Histogram)]
    ) {
        describe(name, "histogram", help)
        for (labels, histogram) in histograms {
            let scale = histogram.scale
            var count = 0
            for (index, bound) in scale.bounds.enumerated() {
                count += histogram.counts[index]
                let bucket = labels + [("le", Self.shown(bound, scale.unit))]
                add(name + "_bucket", bucket, "\(count)")
            }
            count += histogram.counts[scale.bounds.count]
            add(name + "_bucket", labels + [("le", "+Inf")], "\(count)")
            add(name + "_sum", labels, Self.shown(histogram.sum, scale.unit))
            add(name + "_count", labels, "\(count)")
        }
    }

    private mutating func describe(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    private mutating func add(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        if !labels.isEmpty {
            let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{\(list.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func shown(_ value: Int, _ unit: Int) -> String {
        value % unit == 0 ? "\(value / unit)" : "\(Double(value) / Double(unit))"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
