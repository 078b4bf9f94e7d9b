internal import Hub
internal import Reactor

/// What one worker's connections publish, and how long it takes until streams have it; not
/// isolated.
final class PublishDesk {
    private let broker: Broker
    private let mailbox: Mailbox
    private let clock: WorkerClock
    /// The mailboxes of all workers; set before any worker takes a connection.
    var mailboxes: [Mailbox] = []
    @safe @exclusivity(unchecked) private(set) var latency = PublishLatency()

    init(broker: Broker, mailbox: Mailbox, clock: WorkerClock) {
        self.broker = broker
        self.mailbox = mailbox
        self.clock = clock
    }

    /// Publishes events; the answer comes by mail, with the connection's token as its ticket.
    func publish(_ publications: [Publication], of connection: UInt64, isPaced: Bool = false) {
        let isMeasured = latency.takesOne(at: clock.now)
        broker.publish(
            publications, answer: isMeasured ? MeasuringPort(mailbox, among: mailboxes) : mailbox,
            ticket: connection, isPaced: isPaced)
    }

    /// Whether anything is to be measured when it is written.
    @safe @exclusivity(unchecked) private(set) var isMeasuring = false

    /// Notes that the event of a publish is queued, when streams had been sent `delivered` events.
    func begin(_ publish: MeasuredPublish, delivered: Int) {
        isMeasuring = true
        latency.begin(publish, delivered: delivered)
    }

    /// Notes that what was queued is written.
    func end(delivered: Int) {
        isMeasuring = false
        latency.end(delivered: delivered)
    }
}
