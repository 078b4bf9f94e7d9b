import COpenSSL
import Glibc
import TestSupport
import Testing

@testable import Reactor
@testable import TLS

/// What is offered to a socket that takes no more.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A blocked session` {
    private let context: TLSContext

    init() throws { context = try TestFiles.context() }

    /// Sends until the socket takes no more.
    private func fill(_ pair: Pair) -> Int {
        var total = 0
        while case .bytes(let count) = pair.send([UInt8](repeating: 120, count: 5_000)) {
            total += count
        }
        return total
    }

    /// Reads with the client until it has `count` bytes or the end, and lets the session go on.
    private func read(_ count: Int, with pair: Pair) -> [UInt8] {
        var all: [UInt8] = []
        for _ in 0..<10_000 where all.count < count {
            let (bytes, end) = pair.client.read()
            all += bytes
            if end == .ended || end == .broken { break }
            let ready = pair.becomeReady()
            #expect(ready.canWrite == pair.session.held.isEmpty)
        }
        return all
    }

    @Test func `holds what it has promised, and sends it when it can`() {
        let pair = Pair.open(context, sendBuffer: 4_608)
        let sent = fill(pair)
        #expect(!pair.session.held.isEmpty)
        #expect(pair.send("x") == .wouldBlock)
        #expect(read(sent, with: pair).count == sent)
        #expect(pair.session.held.isEmpty)
        #expect(pair.send("x") == .bytes(1))
        #expect(pair.client.readText() == "x")
    }

    @Test func `does not say that it takes bytes while it cannot`() {
        let pair = Pair.open(context, sendBuffer: 4_608)
        _ = fill(pair)
        #expect(!pair.becomeReady().canWrite)
        #expect(pair.becomeReady().canRead)
    }

    @Test func `ends only when all is sent`() {
        let pair = Pair.open(context, sendBuffer: 4_608)
        let sent = fill(pair)
        pair.session.endSending()
        #expect(!pair.session.isAcknowledged)
        #expect(read(sent, with: pair).count == sent)
        _ = pair.becomeReady()
        #expect(pair.client.read().end == .ended)
        #expect(unsafe pair.session.ssl == nil)
    }

    /// OpenSSL would have to answer a change of keys, and cannot within a record.
    @Test func `reads again when all is sent, also what changes keys`() {
        let pair = Pair.open(context, sendBuffer: 4_608)
        let sent = fill(pair)
        for _ in 0..<3 {
            pair.client.updateKey(andOfPeer: true)
            pair.client.write("x")
        }
        pair.client.pass()
        #expect(pair.receive().last == .wouldBlock)
        #expect(!pair.becomeReady().canWrite)
        #expect(read(sent, with: pair).count == sent)
        #expect(!pair.session.readWantsWrite)
        #expect(pair.receive().text == "xxx")
        #expect(pair.send("y") == .bytes(1))
        #expect(pair.client.readText() == "y")
    }

    @Test func `tells of bytes that came while it was blocked`() {
        let pair = Pair.open(context, sendBuffer: 4_608)
        let sent = fill(pair)
        #expect(pair.receive().last == .wouldBlock)
        _ = pair.client.read()
        var wasTold = false
        for _ in 0..<1_000 where !wasTold {
            _ = pair.client.read()
            let news = Readiness(token: 1, flags: 0).with(canRead: false, canWrite: true)
            wasTold = pair.session.absorb(news).canRead
            #expect(wasTold == pair.session.held.isEmpty)
        }
        #expect(wasTold)
        #expect(sent > 0)
    }

    @Test func `breaks when its peer has gone`() {
        let pair = Pair.open(context, sendBuffer: 4_608)
        _ = fill(pair)
        _ = shutdown(pair.client.socket.descriptor, Int32(SHUT_RDWR))
        #expect(pair.becomeReady().isBroken)
        #expect(pair.send("x") == .broken)
    }

    /// The owner of the bytes may change its mind about all that it was not told is sent, as an
    /// outbox does that overflows.
    @Test(arguments: 1...20)
    func `sends exactly what it says, though other bytes are offered after a refusal`(seed: UInt64)
        throws
    {
        var random = SeededNumbers(seed: seed)
        let version = Bool.random(using: &random) ? TLS1_2_VERSION : TLS1_3_VERSION
        let pair = Pair.open(
            context, .init(oldest: version, newest: version), sendBuffer: 4_608)
        var promised: [UInt8] = []
        var read: [UInt8] = []
        for _ in 0..<400 {
            let pieces = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                let size = [1, 200, 3_000, 40_000].randomElement(using: &random) ?? 1
                let byte = UInt8.random(in: 0...255, using: &random)
                return [UInt8](repeating: byte, count: Int.random(in: 1...size, using: &random))
            }
            let all = pieces.flatMap(\.self)
            let sent = Bool.random(using: &random) ? pair.send(all) : pair.send(pieces)
            switch sent {
            case .bytes(let count):
                try #require(count > 0 && count <= all.count)
                promised += all[..<count]
            case .wouldBlock: break
            case .broken: Issue.record("broken")
            }
            if Bool.random(using: &random) {
                read += pair.client.read().bytes
                _ = pair.becomeReady()
            }
            if Int.random(in: 0..<20, using: &random) == 0, version == TLS1_3_VERSION {
                pair.client.updateKey(andOfPeer: true)
                pair.client.pass()
                _ = pair.receive()
            }
        }
        read += self.read(promised.count - read.count, with: pair)
        #expect(read == promised)
    }
}
