import Testing

@testable import Access
@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `The credentials of streams` {
    private func entry(
        _ subject: String, end: Int?, session: String? = nil
    ) -> StreamCredentials.Entry {
        let identity = Identity(
            kind: .token, subject: subject, own: .none, anonymous: .none, expires: end,
            arrival: AccessPolicy.Arrival(sessionID: session))
        return StreamCredentials.Entry(identity: identity, end: end, proof: nil)
    }

    @Test func `are due a minute before their end, and at it`() {
        var credentials = StreamCredentials(now: 1000)
        credentials.set(entry("a", end: 1100), for: 1)
        credentials.set(entry("b", end: nil), for: 2)
        #expect(credentials.takeDue(at: 1039).isEmpty)
        #expect(credentials.takeDue(at: 1040) == [1])
        credentials.didWarn(1)
        #expect(credentials.takeDue(at: 1099).isEmpty)
        #expect(credentials.takeDue(at: 1100) == [1])
        #expect(!credentials.hasAgenda)
    }

    @Test func `that were renewed are due by the new end alone`() {
        var credentials = StreamCredentials(now: 1000)
        credentials.set(entry("a", end: 1100), for: 1)
        credentials.set(entry("a", end: 2000), for: 1)
        #expect(credentials.takeDue(at: 1500).isEmpty)
        #expect(credentials.takeDue(at: 1940) == [1])
    }

    @Test func `are due in time whether the clock jumps ahead or back`() {
        var credentials = StreamCredentials(now: 1000)
        for stream in 1...3 as ClosedRange<UInt64> {
            credentials.set(entry("a", end: 1000 + 100 * Int(stream)), for: stream)
        }
        #expect(Set(credentials.takeDue(at: 1140)) == [1, 2])
        #expect(credentials.takeDue(at: 500).isEmpty)
        #expect(Set(credentials.takeDue(at: 9000)) == [1, 2, 3])
    }

    @Test func `of streams that have ended or were renewed do not pile up`() {
        var credentials = StreamCredentials(now: 0)
        for stream in 1...100_000 as ClosedRange<UInt64> {
            credentials.set(entry("a", end: 1_000_000 + Int(stream)), for: stream)
            credentials.remove(stream)
            credentials.set(entry("b", end: 2_000_000 + Int(stream)), for: 0)
        }
        #expect(credentials.plannedCount < 2_000)
        #expect(credentials.takeDue(at: 3_000_000) == [0])
        #expect(credentials.plannedCount == 0)
    }

    @Test func `are found by their session until they are replaced or gone`() {
        var credentials = StreamCredentials(now: 0)
        for stream in 1...4 as ClosedRange<UInt64> {
            credentials.set(entry("a", end: nil, session: stream < 4 ? "s" : "t"), for: stream)
        }
        #expect(Set(credentials.streams(.session("s"))) == [1, 2, 3])
        credentials.remove(1)
        credentials.set(entry("a", end: nil), for: 2)
        credentials.set(entry("a", end: nil, session: "s"), for: 4)
        #expect(Set(credentials.streams(.session("s"))) == [3, 4])
        #expect(credentials.streams(.session("t")).isEmpty)
        #expect(credentials.streams(.session("a")).isEmpty)
    }

    @Test func `are found by their subject's bytes`() {
        var credentials = StreamCredentials(now: 0)
        credentials.set(entry("caf\u{e9}", end: nil), for: 1)
        credentials.set(entry("cafe\u{301}", end: nil), for: 2)
        #expect(credentials.streams(.subject("caf\u{e9}")) == [1])
        #expect(credentials.streams(.subject("cafe\u{301}")) == [2])
        #expect(credentials.streams(.key("caf\u{e9}")).isEmpty)
    }
}
