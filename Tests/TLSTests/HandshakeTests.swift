import COpenSSL
import TestSupport
import Testing

@testable import Reactor
@testable import TLS

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A handshake` {
    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `may come byte by byte`(version: Int32) throws {
        let pair = try Pair(TestFiles.context(), .init(oldest: version, newest: version))
        var step = TLSSession.Step.waits
        while step == .waits {
            _ = pair.client.shakeHands()
            let bytes = pair.client.takeOutput()
            try #require(!bytes.isEmpty)
            for (index, byte) in bytes.enumerated() {
                _ = pair.client.socket.send([byte])
                step = pair.session.shakeHands()
                if index < bytes.count - 1 { #expect(step == .waits) }
            }
        }
        #expect(step == .finished)
        _ = pair.client.shakeHands()
        pair.client.write("hello")
        pair.client.pass()
        #expect(pair.receive().text == "hello")
        #expect(pair.send("world") == .bytes(5))
        #expect(pair.client.readText() == "world")
    }

    @Test func `makes nothing for a peer that has said nothing`() throws {
        let pair = try Pair(TestFiles.context())
        #expect(pair.session.shakeHands() == .waits)
        #expect(unsafe pair.session.ssl == nil)
        #expect(pair.send("x") == .wouldBlock)
        #expect(pair.receive().last == .wouldBlock)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n", "PATCH /", "O"])
    func `is not tried with a peer that speaks HTTP, which can be answered`(text: String) throws {
        let pair = try Pair(TestFiles.context())
        _ = pair.client.socket.send(Array(text.utf8)[...])
        #expect(pair.session.shakeHands() == .isPlain)
        unsafe Array("no".utf8).withUnsafeBytes { unsafe pair.session.sendUnencrypted($0) }
        pair.session.endSending()
        #expect(pair.client.socket.takeAll() == Array("no".utf8))
    }

    @Test func `fails with garbage, whatever it is`() throws {
        let context = try TestFiles.context()
        var random = SeededNumbers(seed: 1)
        for round in 0..<300 {
            let pair = Pair(context)
            var bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // Half of them begin as a handshake does.
            if round.isMultiple(of: 2) { bytes = [22, 3, 1, 0, 200] + bytes }
            _ = pair.client.socket.send(bytes[...])
            let step = pair.session.shakeHands()
            #expect(step != .finished)
            if case .failed(let reason) = step {
                #expect(!reason.isEmpty)
                #expect(unsafe pair.session.ssl == nil)
            }
        }
    }

    @Test func `fails when the peer ends in the middle of it`() throws {
        let pair = try Pair(TestFiles.context())
        _ = pair.client.shakeHands()
        _ = pair.client.socket.send(pair.client.takeOutput()[..<100])
        pair.client.socket.endSending()
        guard case .failed = pair.session.shakeHands() else {
            Issue.record("the handshake goes on")
            return
        }
    }

    @Test(arguments: [
        (["h2", "http/1.1"], "http/1.1"), (["http/1.1", "h2"], "http/1.1"),
        (["http/1.1"], "http/1.1"),
        ([], nil),
    ])
    func `chooses http/1.1`(offered: [String], chosen: String?) throws {
        let pair = try Pair.open(TestFiles.context(), .init(protocols: offered))
        #expect(pair.client.chosenProtocol == chosen)
    }

    @Test(arguments: [["h2"], ["http/1.0"], ["http/1.10", "http/1"]])
    func `refuses a peer that offers other protocols only`(offered: [String]) throws {
        let pair = try Pair(TestFiles.context(), .init(protocols: offered))
        guard case .failed = pair.shakeHands() else {
            Issue.record("no refusal")
            return
        }
        #expect(pair.client.failure?.contains("no application protocol") == true)
    }

    @Test func `refuses TLS 1.1`() throws {
        let pair = try Pair(
            TestFiles.context(), .init(oldest: TLS1_1_VERSION, newest: TLS1_1_VERSION))
        guard case .failed = pair.shakeHands() else {
            Issue.record("no refusal")
            return
        }
        #expect(pair.client.failure?.contains("protocol version") == true)
    }

    // MARK: Certificates of clients

    /// The first alternative name that is a name, and the common name where there is none.
    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `takes the peer's name from its certificate`(version: Int32) throws {
        let context = try TestFiles.context(clients: "authority.pem")
        for (file, name) in [("client", "spiffe://test/alice"), ("named", "bob")] {
            let pair = Pair(
                context,
                .init(oldest: version, newest: version, certificate: TestFiles.path(file)))
            #expect(pair.shakeHands() == .finished)
            #expect(pair.session.peerName == name)
        }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION], [nil, "strange"])
    func `fails without a certificate of the authority where one is wanted`(
        version: Int32, file: String?
    ) throws {
        let pair = try Pair(
            TestFiles.context(clients: "authority.pem"),
            .init(oldest: version, newest: version, certificate: file.map { TestFiles.path($0) }))
        guard case .failed(let reason) = pair.shakeHands() else {
            Issue.record("no refusal")
            return
        }
        #expect(reason.contains("certificate"))
    }

    @Test func `asks for no certificate where none is wanted`() throws {
        let pair = try Pair.open(TestFiles.context(), .init(certificate: TestFiles.path("client")))
        #expect(pair.session.peerName == nil)
    }
}
