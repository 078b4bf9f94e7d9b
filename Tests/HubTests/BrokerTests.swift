import Testing

@testable import Hub
@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `The broker` {
    @Test func `gives durable events sequences without gaps, and transient ones none`() throws {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let port = Port(broker)
        #expect(broker.lastID.description == "\(broker.epoch)-0")
        broker.publish(
            [
                Publication("a:1"), Publication("a:2", isTransient: true), Publication("a:3"),
            ], answer: port, ticket: 7)
        broker.publish([Publication("a:4")], answer: port, ticket: 8)
        #expect(port.answers.map(\.ticket) == [7, 8])
        let ids = port.answers.map { $0.ids.map { $0?.sequence } }
        #expect(ids == [[1, nil, 2], [3]])
        #expect(Set(port.answers.flatMap(\.ids).compactMap { $0?.epoch }) == [broker.epoch])
        #expect(port.frames.map(\.sequence) == [1, nil, 2, 3])
        #expect(broker.lastID == EventID(epoch: broker.epoch, sequence: 3))
        #expect(broker.publishedCount == 4)
    }

    @Test func `hands all workers the same events in the order of the log`() async throws {
        let broker = Broker(tail: .init(count: 10_000, bytes: 1 << 24))
        let ports = (0..<3).map { _ in Port(broker) }
        await withTaskGroup { group in
            for publisher in 0..<4 as Range<UInt64> {
                group.addTask {
                    for number in 0..<100 as Range<UInt64> {
                        broker.publish(
                            [Publication("a:1"), Publication("a:2", isTransient: number % 2 == 0)],
                            answer: ports[0], ticket: publisher * 1_000 + number)
                    }
                }
            }
        }
        let first = ports[0].frames
        #expect(first.count == 800)
        #expect(first.compactMap(\.sequence) == Array(1...600))
        for port in ports {
            #expect(port.frames.map(ObjectIdentifier.init) == first.map(ObjectIdentifier.init))
        }
        #expect(Set(ports[0].answers.map(\.ticket)).count == 400)
        #expect(ports[1].answers.isEmpty)
    }

    @Test func `answers a publisher after its events are in every mailbox`() {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let publisher = Port(broker)
        let other = Port(broker)
        for ticket in 0..<20 as Range<UInt64> {
            publisher.onAnswer = { ids in
                guard let sequence = ids[0]?.sequence else { return false }
                return publisher.frames.last?.sequence == sequence
                    && other.frames.last?.sequence == sequence
            }
            broker.publish([Publication("a:1")], answer: publisher, ticket: ticket)
        }
        #expect(publisher.answers.count == 20)
        #expect(publisher.answers.allSatisfy { $0.isInOrder })
    }

    @Test func `hands nothing to a worker before it attaches and after it detaches`() {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let publisher = Port()
        broker.publish([Publication("a:1")], answer: publisher, ticket: 0)
        let port = Port()
        #expect(broker.attach(port) == 1)
        broker.publish([Publication("a:1")], answer: publisher, ticket: 0)
        broker.detach(port)
        broker.publish([Publication("a:1")], answer: publisher, ticket: 0)
        #expect(port.frames.compactMap(\.sequence) == [2])
        #expect(publisher.frames.isEmpty)
        #expect(publisher.answers.count == 3)
    }

    @Test func `answers an empty batch`() {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let port = Port(broker)
        broker.publish([], answer: port, ticket: 1)
        #expect(port.answers.map(\.ids.count) == [0])
        #expect(port.frames.isEmpty)
    }

    @Test func `says where a cursor resumes, or why it does not`() {
        let broker = Broker(tail: .init(count: 3, bytes: 1 << 20))
        let port = Port(broker)
        let epoch = broker.epoch
        #expect(broker.resumes("\(epoch)-0") == .at(0))
        #expect(broker.resumes("\(epoch)-1") == .refused(.future, oldest: 1))
        for _ in 0..<5 { broker.publish([Publication("a:1")], answer: port, ticket: 0) }
        #expect(broker.resumes("\(epoch)-5") == .at(5))
        #expect(broker.resumes("\(epoch)-3") == .at(3))
        #expect(broker.resumes("\(epoch)-2") == .at(2), "one below the oldest resumes")
        #expect(broker.resumes("\(epoch)-1") == .refused(.expired, oldest: 3))
        #expect(broker.resumes("\(epoch)-0") == .refused(.expired, oldest: 3))
        #expect(broker.resumes("\(epoch)-6") == .refused(.future, oldest: 3))
        #expect(broker.resumes("\(epoch)-\(UInt64.max)") == .refused(.future, oldest: 3))
        #expect(broker.resumes("other-3") == .refused(.epoch, oldest: 3))
        for text in ["", "3", "\(epoch)", "\(epoch)-", "\(epoch)-03", "\(epoch)-3 ", "?"] {
            #expect(broker.resumes(text) == .refused(.malformed, oldest: 3))
        }
    }

    @Test func `serves pages from memory, and knows when they are no longer there`() async throws {
        let broker = Broker(tail: .init(count: 3, bytes: 1 << 20))
        let port = Port(broker)
        for number in 1...5 {
            broker.publish([Publication("a:\(number % 2)")], answer: port, ticket: 0)
        }
        let page = broker.recentPage(after: 2, upTo: 5, matching: selectors("a:1"), limit: 9)
        #expect(page?.frames.compactMap(\.sequence) == [3, 5])
        #expect(page?.end == 5)
        #expect(broker.recentPage(after: 1, upTo: 5, matching: selectors("a:1"), limit: 9) == nil)
        let read = try await broker.page(after: 2, upTo: 4, matching: selectors("a:*"), limit: 9)
        #expect(read?.frames.compactMap(\.sequence) == [3, 4])
        let gone = try await broker.page(after: 1, upTo: 5, matching: selectors("a:1"), limit: 9)
        #expect(gone == nil)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An idempotency key` {
    @Test func `is answered with the first event's id and publishes nothing again`() {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let port = Port(broker)
        broker.publish([Publication("a:1", key: "k")], answer: port, ticket: 1)
        broker.publish(
            [Publication("a:2"), Publication("b:9", data: "2", key: "k")], answer: port, ticket: 2)
        broker.publish(
            [Publication("a:3", key: "new"), Publication("a:4", key: "new")], answer: port,
            ticket: 3)
        #expect(port.answers.map { $0.ids.map { $0?.sequence } } == [[1], [2, 1], [3, 3]])
        #expect(port.frames.compactMap(\.sequence) == [1, 2, 3])
        #expect(broker.publishedCount == 3)
    }

    @Test func `of a transient event is answered with no id`() {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let port = Port(broker)
        for ticket in 1...2 as ClosedRange<UInt64> {
            broker.publish(
                [Publication("a:1", isTransient: true, key: "k")], answer: port, ticket: ticket)
        }
        #expect(port.answers.map { $0.ids.map { $0?.sequence } } == [[nil], [nil]])
        #expect(port.frames.count == 1)
    }

    @Test func `is taken byte for byte`() {
        let broker = Broker(tail: .init(count: 100, bytes: 1 << 20))
        let port = Port(broker)
        for key in ["\u{E9}", "e\u{301}", "e", "E"] {
            broker.publish([Publication("a:1", key: key)], answer: port, ticket: 1)
        }
        #expect(port.answers.compactMap { $0.ids[0]?.sequence } == [1, 2, 3, 4])
    }
}

/// A worker as the broker sees it, which notes what it is handed.
final class Port: BrokerPort {
    struct Answer: Sendable {
        let ticket: UInt64
        let ids: [EventID?]
        let isInOrder: Bool
    }

    private struct State: Sendable {
        var frames: [EventFrame] = []
        var answers: [Answer] = []
        var check: (@Sendable ([EventID?]) -> Bool)?
    }

    private let state = Lock(State())

    init() {}

    init(_ broker: Broker) {
        _ = broker.attach(self)
    }

    var frames: [EventFrame] { state.withLock(\.frames) }
    var answers: [Answer] { state.withLock(\.answers) }

    /// Asked for each answer whether all that has to be there before is there.
    var onAnswer: (@Sendable ([EventID?]) -> Bool)? {
        get { state.withLock(\.check) }
        set { state.withLock { $0.check = newValue } }
    }

    func takeFrames() -> [EventFrame] {
        state.withLock { state in
            defer { state.frames = [] }
            return state.frames
        }
    }

    func post(_ frames: [EventFrame]) {
        state.withLock { $0.frames += frames }
    }

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        guard case .published(let ids) = answer else { return }
        let isInOrder = onAnswer?(Array(ids)) ?? true
        state.withLock {
            $0.answers.append(Answer(ticket: ticket, ids: Array(ids), isInOrder: isInOrder))
        }
    }
}

/// What the broker says about a cursor, comparable.
private enum Resumption: Equatable {
    case at(UInt64)
    case refused(ResetReason, oldest: UInt64)
}

extension Broker {
    fileprivate func resumes(_ cursor: String) -> Resumption {
        switch resumption(from: cursor) {
        case .success(let sequence): .at(sequence)
        case .failure(let refusal): .refused(refusal.reason, oldest: refusal.oldest)
        }
    }
}
