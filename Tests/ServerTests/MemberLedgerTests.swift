import Hub
import Reactor
import Testing

@testable import Server

/// Members of these names.
func members(_ names: String...) -> [MemberName] { names.compactMap { MemberName($0) } }

@Suite(.timeLimit(.minutes(5)))
struct `The members of a worker` {
    private let post = Resource(checked: "post:1")
    private let posts = [Selector.resource(Resource(checked: "post:1"))]
    private let ann = members("ann")[0]

    private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

    private func tracking(_ present: MemberName..., at time: UInt64 = 0) -> MemberLedger {
        var ledger = MemberLedger()
        ledger.track(post, for: 1, present: present, now: at(time))
        _ = ledger.takeReports()
        return ledger
    }

    private func report(_ arrived: [MemberName], _ gone: [MemberName]) -> [MemberReport] {
        [MemberReport(resource: post, room: 1, arrived: arrived, gone: gone)]
    }

    @Test func `are reported as a whole first, also when there are none`() {
        var ledger = MemberLedger()
        ledger.track(post, for: 1, present: [], now: at(0))
        #expect(ledger.takeReports() == report([], []))
        #expect(ledger.takeReports() == [])
        ledger.track(post, for: 1, present: members("b", "a", "a"), now: at(0))
        #expect(ledger.takeReports() == report(members("a", "b"), []))
    }

    @Test func `have left 10 s after their last stream`() {
        var ledger = tracking(ann)
        ledger.leave(ann, posts, now: at(5_000))
        #expect(ledger.nextExpiry == at(15_000))
        ledger.expire(now: at(14_999))
        #expect(ledger.takeReports() == [])
        ledger.expire(now: at(15_000))
        #expect(ledger.takeReports() == report([], [ann]))
        #expect(ledger.nextExpiry == nil)
    }

    @Test func `have not left when they are back within 10 s`() {
        var ledger = tracking(ann)
        ledger.leave(ann, posts, now: at(0))
        ledger.join(ann, posts)
        ledger.expire(now: at(60_000))
        #expect(ledger.takeReports() == [])
        ledger.leave(ann, posts, now: at(60_000))
        ledger.expire(now: at(70_000))
        #expect(ledger.takeReports() == report([], [ann]))
        ledger.join(ann, posts)
        #expect(ledger.takeReports() == report([ann], []))
    }

    @Test func `are one with two streams, and stay with one of them`() {
        var ledger = tracking(ann, ann)
        ledger.leave(ann, posts, now: at(0))
        ledger.expire(now: at(10_000))
        #expect(ledger.takeReports() == [])
        ledger.leave(ann, posts, now: at(20_000))
        ledger.expire(now: at(30_000))
        #expect(ledger.takeReports() == report([], [ann]))
    }

    @Test func `count by name and by pattern`() {
        var ledger = tracking()
        ledger.join(ann, [.pattern(kind: "post"), .resource(post)])
        ledger.join(
            members("bob")[0], [.pattern(kind: "user"), .resource(Resource(checked: "post:2"))])
        #expect(ledger.takeReports() == report([ann], []))
        ledger.leave(ann, posts, now: at(0))
        ledger.expire(now: at(10_000))
        #expect(ledger.takeReports() == [])
        ledger.leave(ann, [.pattern(kind: "post")], now: at(10_000))
        ledger.expire(now: at(20_000))
        #expect(ledger.takeReports() == report([], [ann]))
    }

    @Test func `who left a moment ago are there when the watch begins`() {
        var ledger = MemberLedger()
        ledger.leave(ann, posts, now: at(0))
        #expect(ledger.nextExpiry == nil, "nobody watches, so nobody need be told")
        ledger.track(post, for: 1, present: [], now: at(9_000))
        #expect(ledger.takeReports() == report([ann], []))
        #expect(ledger.nextExpiry == at(10_000))
        ledger.expire(now: at(10_000))
        #expect(ledger.takeReports() == report([], [ann]))
        var names: Set<MemberName> = []
        ledger.addLeaving(post, to: &names, now: at(10_000))
        #expect(names == [])
    }

    @Test func `are forgotten with the watch`() {
        var ledger = tracking(ann)
        ledger.join(members("bob")[0], posts)
        ledger.untrack(post)
        #expect(ledger.takeReports() == [])
        ledger.join(ann, posts)
        #expect(ledger.takeReports() == [])
    }

    @Test func `of ended streams are 10,000, and then the oldest goes early`() {
        var ledger = tracking(ann)
        ledger.leave(ann, posts, now: at(0))
        for _ in 0..<MemberLedger.maximumLeaving {
            ledger.leave(members("bob")[0], posts, now: at(1))
        }
        #expect(ledger.leavingCount == MemberLedger.maximumLeaving)
        #expect(ledger.takeReports() == report([], [ann]))
        ledger.leave(ann, posts, now: at(60_000))
        #expect(ledger.leavingCount == 1)
    }
}
