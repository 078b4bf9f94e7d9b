/// What the numbers that a doctor measured mean; pure functions.
package enum Judgement {
    /// Seconds above which an event is late on any network.
    private static let late = 1.0
    /// Seconds above which most events must not be, or a timer holds them back, as HAProxy's does.
    private static let held = 0.15

    /// Judges how long events took, `nil` for those that did not come within the limit.
    package static func events(_ delays: [Double?], limit: Double) -> Finding {
        let came = delays.compactMap(\.self)
        guard came.count == delays.count, let slowest = came.max() else {
            return Finding(
                .events, .fault,
                "\(delays.count - came.count) of \(delays.count) events did not come within "
                    + "\(seconds(limit)): answers are buffered.")
        }
        let late = came.count { $0 > held }
        return Finding(
            .events, slowest <= Self.late && 2 * late < came.count,
            good: "Events come at once: the slowest of \(came.count) took \(seconds(slowest)).",
            fault: "\(late) of \(came.count) events are held back, for up to \(seconds(slowest)).")
    }

    /// Judges how long a stream was left alone.
    ///
    /// - Parameters:
    ///   - cut: seconds until it was cut; `nil` when it was not.
    ///   - watched: seconds for which it was watched.
    ///   - keepalive: seconds after which the hub breaks a silence.
    /// - Returns: a fault when it is cut before the hub breaks the silence.
    package static func quiet(cut: Double?, watched: Double, keepalive: Double) -> Finding {
        guard watched > 0 else { return Finding(.quiet, .skipped, "Not watched.") }
        guard let cut else {
            return Finding(.quiet, .good, "A quiet stream is not cut within \(seconds(watched)).")
        }
        return Finding(
            .quiet, cut > keepalive + 2,
            good: "A quiet stream is cut after \(seconds(cut)); the hub's keep-alive every "
                + "\(seconds(keepalive)) prevents it.",
            fault: "A quiet stream is cut after \(seconds(cut)), before the hub's keep-alive at "
                + "\(seconds(keepalive)).")
    }

    /// Judges a method that must come through.
    package static func method(
        _ check: DoctorCheck, _ name: String, status: Int?, allowed: Set<Int>
    ) -> Finding {
        Finding(
            check, status.map(allowed.contains) ?? false, good: "\(name) passes.",
            fault: "\(name) is answered \(status.map(String.init) ?? "not at all").")
    }

    /// Judges whether a cursor arrives, in its field and in the query.
    package static func cursor(byField: Bool, byQuery: Bool) -> Finding {
        Finding(
            .cursor, byField, good: "Last-Event-ID arrives: a stream goes on where it ended.",
            fault: byQuery
                ? "Last-Event-ID does not arrive, the same in the query does: whoever is cut off "
                    + "loses what was published meanwhile."
                : "A stream does not go on from a cursor.")
    }

    /// Judges which lengths of a request's target pass, by the status of each.
    package static func url(_ statuses: [(length: Int, status: Int?)]) -> Finding {
        let refused = statuses.first { $0.status != 200 }
        let passed = statuses.last { $0.status == 200 }?.length ?? 0
        return Finding(
            .url, refused == nil, good: "A URL of \(passed) bytes passes.",
            fault: "A URL of \(refused?.length ?? 0) bytes is answered "
                + "\(refused?.status.map(String.init) ?? "not at all"): pages with many resources "
                + "get no stream.")
    }

    /// A time for people.
    package static func seconds(_ value: Double) -> String {
        value < 1
            ? "\(Int((value * 1000).rounded())) ms"
            : "\(Double(Int((value * 10).rounded())) / 10) s"
    }
}
