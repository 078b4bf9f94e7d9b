internal import Hub
internal import Reactor

/// What other threads hand to a worker, in their order.
enum Message: Sendable {
    case events([EventFrame])
    case answer(PublishAnswer, ticket: UInt64)
    /// Some stream, anywhere, watches this resource from now on: its count is to be reported.
    case watch(Resource)
    case unwatch(Resource)
    /// One that another worker has taken from the socket that all share.
    case connection(Socket)
    /// The sum over all workers has changed.
    case presence(Resource, count: Int)
}

/// A worker's inbox: taking never waits, and wakes the worker at most once until it looks.
final class Mailbox: BrokerPort {
    /// Messages for which memory is kept.
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

    /// Takes a message that is made where it stays, and so is not copied.
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

    /// Moves everything behind what `queue` has.
    func moveAll(to queue: inout Queue<Message>) {
        messages.withLock { messages in
            guard !messages.isEmpty else { return }
            queue.append(movingAllOf: &messages)
            if messages.capacity > Self.keptCapacity { messages = [] }
        }
    }
}
