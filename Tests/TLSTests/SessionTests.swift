import COpenSSL
import TestSupport
import Testing

@testable import Reactor
@testable import TLS

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A session` {
    private let context: TLSContext

    init() throws { context = try TestFiles.context() }

    // MARK: Receiving

    @Test(arguments: [1, 3, 65_536])
    func `reads what comes, whatever the buffer's size`(limit: Int) {
        let pair = Pair.open(context)
        pair.client.write("one")
        pair.client.write("two three")
        pair.client.pass()
        #expect(pair.receive(limit: limit).text == "onetwo three")
        #expect(pair.receive(limit: limit).last == .wouldBlock)
    }

    @Test func `reads records that come byte by byte`() {
        let pair = Pair.open(context)
        pair.client.write("hello")
        var text = ""
        for byte in pair.client.takeOutput() {
            #expect(text.isEmpty)
            _ = pair.client.socket.send([byte])
            text += pair.receive().text
        }
        #expect(text == "hello")
    }

    @Test func `reads a bounded number of records at once, and says that there may be more`() {
        let pair = Pair.open(context)
        for _ in 0..<TLSSession.maximumRecords + 10 { pair.client.write("x") }
        pair.client.pass()
        let (bytes, result) = pair.receiveOnce()
        #expect(bytes.count == TLSSession.maximumRecords)
        #expect(result == .bytes(TLSSession.maximumRecords, mayHaveMore: true))
        #expect(pair.receive().text.count == 10)
    }

    @Test func `gives up a peer that sends records for nobody`() {
        let pair = Pair.open(context)
        for _ in 0...TLSSession.maximumOtherRecords { pair.client.updateKey(andOfPeer: false) }
        pair.client.write("x")
        pair.client.pass()
        #expect(pair.receive().last == .ended)
        #expect(pair.send("x") == .broken)
    }

    // MARK: Ends

    @Test func `ends with close_notify`() {
        let pair = Pair.open(context)
        pair.client.write("last")
        pair.client.sendCloseNotify()
        pair.client.pass()
        let (text, last) = pair.receive()
        #expect(text == "last")
        #expect(last == .ended)
        #expect(pair.send("still heard") == .bytes(11))
        #expect(pair.client.socket.takeAll().count > 11)
    }

    @Test(arguments: [0, 1, 4, 10])
    func `ends where the peer is cut off`(sent: Int) {
        let pair = Pair.open(context)
        pair.client.write("never whole")
        _ = pair.client.socket.send(pair.client.takeOutput()[..<sent])
        pair.client.socket.endSending()
        let (text, last) = pair.receive()
        #expect(text == "")
        #expect(last == .ended)
    }

    @Test func `says that nothing more comes, and throws away what still does`() {
        let pair = Pair.open(context)
        #expect(pair.send("bye") == .bytes(3))
        pair.session.endSending()
        let (bytes, end) = pair.client.read()
        #expect(String(decoding: bytes, as: UTF8.self) == "bye")
        #expect(end == .ended)
        #expect(unsafe pair.session.ssl == nil)
        pair.client.write("late")
        pair.client.pass()
        #expect(pair.receiveOnce().bytes.count > 4)
        #expect(pair.receiveOnce().result == .wouldBlock)
        #expect(pair.send("x") == .broken)
    }

    @Test func `says at a close that this is the end, but not at a reset`() {
        for byReset in [false, true] {
            let pair = Pair.open(context)
            pair.session.close(byReset: byReset)
            #expect((pair.client.read().end == .ended) == !byReset)
        }
    }

    // MARK: Keys

    @Test(arguments: [false, true])
    func `goes on when the peer changes keys`(andOfPeer: Bool) {
        let pair = Pair.open(context)
        for number in 0..<5 {
            pair.client.updateKey(andOfPeer: andOfPeer)
            pair.client.write("ask \(number)")
            pair.client.pass()
            #expect(pair.receive().text == "ask \(number)")
            #expect(pair.send("answer \(number)") == .bytes(8))
            #expect(pair.client.readText() == "answer \(number)")
        }
    }

    @Test func `changes its key before it has encrypted too much`() {
        let pair = Pair.open(context)
        _ = pair.client.readText()
        #expect(pair.send("before") == .bytes(6))
        #expect(Self.recordCount(pair.client.socket.takeAll()) == 1)

        let other = Pair.open(context)
        other.session.recordsWithKey = TLSSession.maximumRecordsPerKey - 1
        _ = other.client.readText()
        #expect(other.send("after") == .bytes(5))
        #expect(other.session.recordsWithKey == 0)
        #expect(other.send("more") == .bytes(4))
        #expect(other.client.readText() == "aftermore")
    }

    @Test func `sends the change of its key as a record of its own`() {
        let pair = Pair.open(context)
        _ = pair.client.readText()
        pair.session.recordsWithKey = TLSSession.maximumRecordsPerKey - 1
        #expect(pair.send("x") == .bytes(1))
        #expect(Self.recordCount(pair.client.socket.takeAll()) == 2)
    }

    /// The number of records in `bytes` (RFC 8446, 5.1).
    static func recordCount(_ bytes: [UInt8]) -> Int {
        var rest = bytes[...]
        var count = 0
        while rest.count >= 5 {
            let length = Int(rest[rest.startIndex + 3]) << 8 | Int(rest[rest.startIndex + 4])
            rest = rest.dropFirst(5 + length)
            count += 1
        }
        return count
    }

    @Test func `gathers what is sent together into one record`() {
        let pair = Pair.open(context)
        _ = pair.client.readText()
        #expect(pair.send([Array("a".utf8), [], Array("bc".utf8)]) == .bytes(3))
        let bytes = pair.client.socket.takeAll()
        #expect(Self.recordCount(bytes) == 1)
    }

    @Test func `needs no renegotiation, and allows none`() {
        let pair = Pair.open(context, .init(oldest: TLS1_2_VERSION, newest: TLS1_2_VERSION))
        _ = unsafe SSL_renegotiate(pair.client.ssl)
        _ = pair.client.shakeHands()
        pair.client.pass()
        let received = pair.receive()
        #expect(received.text == "")
        // The client is told no, and finds no new handshake.
        #expect(pair.client.shakeHands() == .broken)
        #expect(pair.client.failure?.contains("renegotiation") == true)
    }
}
