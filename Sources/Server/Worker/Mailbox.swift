internal import Hub
internal import Reactor

/// A message from another thread to a worker; a worker handles its messages in order.
///
/// What is rare lies apart, so that the frequent ones are small.
enum Message: Sendable {
    case events([EventFrame])
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

/// A worker's inbox: posting wakes the worker at most once until it has taken its messages.
final class Mailbox: BrokerPort {
    /// The largest capacity, in messages, that is kept when the messages are taken.
    private static let keptCapacity = 1024

    private let messages = Lock<[Message]>([])
    private let loop: EventLoop

    init(loop: EventLoop) {
        self.loop = loop
    }

    func post(_ frames: [EventFrame]) { post { .events(frames) } }

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        post { .answer(answer, ticket: ticket) }
    }

    func post(_ message: Message) { post { message } }

    /// Appends a message that `message` makes in place, so that it is not copied.
    @inline(__always)
    private func post(_ message: () -> Message) {
        let wasEmpty = messages.withLock { messages in
            messages.append(message())
            return messages.count == 1
        }
        // The worker looks into its mailbox before its turn ends.
        if wasEmpty && !loop.isCurrent { loop.wake() }
    }

    var isEmpty: Bool { messages.withLock { $0.isEmpty } }

    /// Moves all messages to the end of `queue`.
    func moveAll(to queue: inout Queue<Message>) {
        messages.withLock { messages in
            guard !messages.isEmpty else { return }
            queue.append(movingAllOf: &messages)
            if messages.capacity > Self.keptCapacity { messages = [] }
        }
    }
}
