internal import Hub
internal import Reactor
internal import Telemetry

/// How long it takes from a publish until it is in the log, and until a worker's streams were sent
/// it.
///
/// Some publishes are measured, not all: up to 20 a second of each worker.
struct PublishLatency: Sendable {
    /// How many publishes of a worker are measured in a second.
    static let perSecond = 20

    private(set) var publishTimes = Histogram(.latency)
    private(set) var deliveryTimes = Histogram(.latency)
    private var second: UInt64 = 0
    private var left = 0
    /// What runs since publishes began whose events are queued now.
    private var running: [Stopwatch] = []
    /// How many events the streams had been sent before.
    private var delivered = 0

    /// Returns whether a publish that begins now is to be measured.
    mutating func takesOne(at now: Instant) -> Bool {
        // A binary second is as good, and cheaper.
        let second = now.milliseconds >> 10
        if second != self.second {
            self.second = second
            left = Self.perSecond
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    /// Notes that the event of a publish is queued, when streams had been sent `delivered` events.
    mutating func begin(_ publish: MeasuredPublish, delivered: Int) {
        if let time = publish.time { publishTimes.add(time) }
        if running.isEmpty { self.delivered = delivered }
        running.append(publish.watch)
    }

    /// Notes that what was queued is written; it counts if any stream was sent something.
    mutating func end(delivered: Int) {
        if running.isEmpty { return }
        if delivered > self.delivered {
            for watch in running { deliveryTimes.add(watch.microseconds) }
        }
        running.removeAll(keepingCapacity: true)
    }
}

/// A publish that is measured.
struct MeasuredPublish: Sendable {
    /// What runs since it began.
    let watch: Stopwatch
    /// The microseconds until it was in the log, for the worker that published.
    var time: Int?
}

/// Takes the answer to a publish that is measured, and tells all workers of it.
///
/// The broker gives the answer after the events, so each worker has them when it is told.
final class MeasuringPort: BrokerPort {
    private let watch = Stopwatch()
    private let own: Mailbox
    private let all: [Mailbox]

    init(_ own: Mailbox, among all: [Mailbox]) {
        self.own = own
        self.all = all
    }

    func post(_ frames: [EventFrame]) {}

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        if case .published = answer {
            let time = watch.microseconds
            for mailbox in all {
                mailbox.post(MeasuredPublish(watch: watch, time: mailbox === own ? time : nil))
            }
        }
        own.post(answer, for: ticket)
    }
}
