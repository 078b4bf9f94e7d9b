internal import Hub
internal import Reactor

/// A message from another thread to a worker; a worker handles its messages in order.
///
/// What is rare lies apart, so that the frequent ones are small.
enum Message: Sendable {
    case events([EventFrame])
    /// A publish is measured whose events came before.
    indirect case measured(MeasuredPublish)
    case answer(PublishAnswer, ticket: UInt64)
    indirect case presence(PresenceMessage)
    /// A connection that another worker accepted from the listening socket that all share.
    case connection(Socket)
}

/// A message about who receives which resources.
enum PresenceMessage: Sendable {
    /// A stream of some worker now watches this resource, so every worker is to report its count.
    case watch(Resource)
    case unwatch(Resource)
    /// The sum of a resource's counts over all workers has changed.
    case sum(Resource, count: Int)
    case members(MemberBoard.Message)
}

/// A worker's inbox: posting wakes the worker at most once until it has taken its messages, and not
/// at all for events while it dozes.
final class Mailbox: BrokerPort {
    /// For how many milliseconds a worker dozes that has got events and is in no hurry for more.
    static let dozingTime = 10

    private let post = Lock(Post())
    private let loop: EventLoop

    init(loop: EventLoop) {
        self.loop = loop
    }

    func post(_ frames: [EventFrame]) { add(isUrgent: false) { .events(frames) } }

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        add(isUrgent: true) { .answer(answer, ticket: ticket) }
    }

    func post(_ measured: MeasuredPublish) { add(isUrgent: false) { .measured(measured) } }

    func post(_ message: Message) { add(isUrgent: true) { message } }

    /// Adds a message that `message` makes in place, so that it is not copied.
    @inline(__always)
    private func add(isUrgent: Bool, _ message: () -> Message) {
        let mustWake = post.withLock { $0.add(message(), isUrgent: isUrgent) }
        // The worker looks into its mailbox before its turn ends.
        if mustWake && !loop.isCurrent { loop.wake() }
    }

    var isEmpty: Bool { post.withLock { $0.messages.isEmpty } }

    /// Lets a worker doze that has got events and is in no hurry for the next ones: they wait until
    /// it takes its messages, which it does by itself when its rest is over; all else wakes it.
    ///
    /// - Returns: how many milliseconds it may rest; `nil` for no limit.
    func doze(atMost rest: Int?) -> Int? {
        post.withLock { $0.doze() } ? min(rest ?? .max, Self.dozingTime) : rest
    }

    /// Moves all messages to the end of `queue`.
    func moveAll(to queue: inout Queue<Message>) {
        post.withLock { $0.moveAll(to: &queue) }
    }
}

extension Mailbox {
    /// What is in a mailbox, and whether its worker dozes.
    struct Post {
        /// The largest capacity, in messages, that is kept when the messages are taken.
        private static let keptCapacity = 1024

        private(set) var messages: [Message] = []
        private var isDozing = false
        /// Whether events came since the worker was last asked to doze.
        private var eventsCame = false

        /// Adds a message.
        ///
        /// - Returns: whether the worker is to be woken for it.
        @inline(__always)
        mutating func add(_ message: Message, isUrgent: Bool) -> Bool {
            messages.append(message)
            if !isUrgent { eventsCame = true }
            guard isDozing else { return messages.count == 1 }
            isDozing = !isUrgent
            return isUrgent
        }

        /// Begins to doze, unless there are messages or no events came of late.
        ///
        /// - Returns: whether the worker dozes.
        mutating func doze() -> Bool {
            isDozing = eventsCame && messages.isEmpty
            if messages.isEmpty { eventsCame = false }
            return isDozing
        }

        mutating func moveAll(to queue: inout Queue<Message>) {
            isDozing = false
            guard !messages.isEmpty else { return }
            queue.append(movingAllOf: &messages)
            if messages.capacity > Self.keptCapacity { messages = [] }
        }
    }
}
