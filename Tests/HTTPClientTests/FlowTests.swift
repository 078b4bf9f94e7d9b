import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(5)))
struct `Reading a body` {
    /// Far more than the buffers of two kernels and of curl hold.
    private static let total = 32 << 20

    @Test func `slowly keeps the peer waiting, holds no more than the bound, and is no stall`()
        async throws
    {
        let notes = Notes<Int>()
        let sent = pattern(64 << 10)
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.total)\r\n\r\n")
            var count = 0
            // Several times the client's stall timeout without a byte, because nobody reads.
            while count < Self.total {
                let taken = connection.send(sent, patience: 900)
                count += taken
                if taken < sent.count { break }
            }
            notes.add(count)
            while count < Self.total {
                let rest = Array(sent[(count % sent.count)...])
                guard connection.send(rest) else { return }
                count += rest.count
            }
        }
        defer { peer.stop() }
        let client = try Client()
        let request = ClientRequest(
            "GET", peer.url, timeouts: ClientRequest.Timeouts(stall: 0.3, total: 0))
        let response = try await client.send(request)
        let count = try #require(await notes.next())
        #expect(count < 20 << 20)
        #expect(response.body.bufferedByteCount <= ResponseBody.bufferSize)
        #expect(response.body.bufferedByteCount > ResponseBody.bufferSize / 2)
        let twice = sent + sent
        var received = 0
        for try await piece in response.body {
            let start = received % sent.count
            guard isSame(twice[start..<start + piece.count], piece) else {
                Issue.record("other bytes after \(received)")
                break
            }
            received += piece.count
        }
        #expect(received == Self.total)
    }

    @Test func `after a cancellation does not take what is missing for the end`() async throws {
        let request = ClientRequest("GET", "http://127.0.0.1/")
        let exchange = Exchange(
            id: 1, request: request, target: try RequestTarget(request), proxy: nil,
            orders: try OrderBox())
        exchange.receive(ResponseHead(status: 200, fields: []))
        #expect(exchange.receive(Array("abc".utf8)) == .taken)
        exchange.finish(.success(()))
        exchange.cancel()
        let piece = await exchange.nextPiece()
        #expect(throws: exchange.cancelled) { try piece.get() }
    }

    @Test func `is not begun when the response ended without its head`() async throws {
        let request = ClientRequest("GET", "http://127.0.0.1/")
        let exchange = Exchange(
            id: 1, request: request, target: try RequestTarget(request), proxy: nil,
            orders: try OrderBox())
        exchange.finish(.success(()))
        let head = await exchange.head()
        #expect(throws: ClientError.self) { try head.get() }
    }

    @Test func `takes pieces as they come, before the next are sent`() async throws {
        let gates = [Gate(), Gate()]
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            gates[0].wait()
            connection.send("1\r\nb\r\n")
            gates[1].wait()
            connection.send("0\r\n\r\n")
        }
        defer { peer.stop() }
        let client = try Client()
        let response = try await client.send(ClientRequest("GET", peer.url))
        var pieces = response.body.makeAsyncIterator()
        #expect(try await pieces.next() == [UInt8(ascii: "a")])
        gates[0].open()
        #expect(try await pieces.next() == [UInt8(ascii: "b")])
        gates[1].open()
        #expect(try await pieces.next() == nil)
        #expect(try await pieces.next() == nil)
    }
}
