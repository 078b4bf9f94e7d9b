import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A limiter` {
    private let first = LimitKeys(address: .address([10, 0, 0, 1]), subject: .subject("sub:a"))
    private let second = LimitKeys(address: .address([10, 0, 0, 2]), subject: .subject("sub:a"))
    private let third = LimitKeys(address: .address([10, 0, 0, 1]), subject: nil)

    private func limiter(_ change: (inout Limits) -> Void) -> Limiter {
        var limits = Limits()
        change(&limits)
        return Limiter(limits)
    }

    @Test func `has places for all when nothing is limited, and counts them`() {
        let limiter = limiter { _ in }
        for _ in 0..<1000 { #expect(limiter.takePlace(for: first) == nil) }
        #expect(limiter.openCount == 1000)
        limiter.release(first)
        #expect(limiter.openCount == 999)
    }

    @Test func `has so many places in all, and again one that was released`() {
        let limiter = limiter { $0.maximumStreams = 2 }
        #expect(limiter.takePlace(for: first) == nil)
        #expect(limiter.takePlace(for: second) == nil)
        #expect(limiter.takePlace(for: third) == .overloaded)
        #expect(limiter.openCount == 2)
        limiter.release(second)
        #expect(limiter.takePlace(for: third) == nil)
    }

    @Test func `counts each address and each subject`() {
        let limiter = limiter {
            $0.maximumStreamsPerAddress = 2
            $0.maximumStreamsPerSubject = 2
        }
        #expect(limiter.takePlace(for: first) == nil)
        #expect(limiter.takePlace(for: second) == nil)
        #expect(limiter.takePlace(for: second) == .subject)
        #expect(limiter.takePlace(for: third) == nil)
        #expect(limiter.takePlace(for: third) == .address)
        #expect(limiter.openCount == 3, "a refusal takes nothing")
        limiter.release(first)
        #expect(limiter.takePlace(for: second) == nil)
        #expect(limiter.takePlace(for: third) == nil)
    }

    @Test func `lets a second's worth pass at once, and then as the time goes`() {
        let limiter = limiter { $0.writeRate = 2 }
        #expect(limiter.take(of: .writes, for: first, at: 0) == nil)
        #expect(limiter.take(of: .writes, for: first, at: 0) == nil)
        #expect(limiter.take(of: .writes, for: first, at: 0) == 500)
        #expect(limiter.take(of: .writes, for: second, at: 100) == 400, "the subject is the same")
        #expect(limiter.take(of: .writes, for: third, at: 250) == 250, "the address is the same")
        #expect(limiter.take(of: .writes, for: first, at: 500) == nil)
        #expect(limiter.take(of: .writes, for: first, at: 999) == 1)
        #expect(limiter.take(of: .streams, for: first, at: 999) == nil, "it is not limited")
    }

    @Test func `lets a body pass as long as any bytes are left, and then waits for the debt`() {
        let limiter = limiter { $0.byteRate = 1000 }
        #expect(limiter.take(3000, of: .bytes, for: third, at: 0) == nil)
        #expect(limiter.take(1, of: .bytes, for: third, at: 1000) == 1001)
        #expect(limiter.take(1, of: .bytes, for: third, at: 2001) == nil)
    }

    @Test func `knows an address by what its owner cannot change`() throws {
        func key(_ text: String) throws -> LimitKey { LimitKey(try #require(IPAddress(text))) }
        #expect(try key("192.0.2.1") == key("::ffff:192.0.2.1"))
        #expect(try key("192.0.2.1") != key("192.0.2.2"))
        #expect(try key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"))
        #expect(try key("2001:db8:1:2::1") != key("2001:db8:1:3::1"))
    }
}
