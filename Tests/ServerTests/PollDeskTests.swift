import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A desk for polls` {
    private let post = Resource(checked: "post:1")

    private func frame(of resource: Resource) -> EventFrame {
        EventFrame(
            Array("data: 1\n\n".utf8), content: .durable(sequence: 7), resources: [resource])
    }

    @Test func `wakes a poll by a resource or by its kind, and no other`() {
        let desk = PollDesk()
        desk.begin(1, for: [.resource(post)])
        desk.begin(2, for: [.pattern(kind: "post")])
        desk.begin(3, for: [.resource(Resource(checked: "post:2"))])
        desk.wake(for: frame(of: post))
        #expect([1, 2, 3].map(desk.isWoken) == [true, true, false])
        #expect(desk.takeWakeup(1))
        #expect(!desk.isWoken(1))
    }

    @Test func `ends the waiting of a poll whose time is over`() async {
        let desk = PollDesk()
        desk.begin(1, for: [.resource(post)])
        await withCheckedContinuation { waiting in
            desk.wait(1, waiting)
            desk.expire(1)
        }
        #expect(!desk.takeWakeup(1))
    }

    @Test func `does not let one wait for which something came already`() async {
        let desk = PollDesk()
        desk.begin(1, for: [.resource(post)])
        desk.wake(for: frame(of: post))
        await withCheckedContinuation { desk.wait(1, $0) }
        #expect(desk.takeWakeup(1))
    }

    @Test func `knows nothing of a poll that has ended`() {
        let desk = PollDesk()
        desk.begin(1, for: [.resource(post)])
        #expect(!desk.isEmpty)
        desk.end(1)
        desk.wake(for: frame(of: post))
        desk.expire(1)
        #expect(desk.isEmpty)
        #expect(desk.isWoken(1), "nobody may wait for it")
        #expect(!desk.takeWakeup(1))
    }
}
