import Glibc
import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A transfer` {
    private static let heads = [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ]

    @Test(arguments: heads) func `that is cancelled is closed at the peer`(head: String)
        async throws
    {
        let received = Notes<Void>()
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send(head)
            received.add(())
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let client = try Client()
        let task = Task {
            await outcome { () async throws(ClientError) in
                _ = try await client.fetch(ClientRequest("GET", peer.url))
            }
        }
        await received.next()
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await ended.next() == true)
    }

    @Test func `asked for by a task that was cancelled before makes no request`() async throws {
        let peer = try Peer { _ in }
        defer { peer.stop() }
        let client = try Client()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await outcome { () async throws(ClientError) in
                _ = try await client.send(ClientRequest("GET", peer.url))
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(peer.connectionCount == 0)
    }

    @Test func `whose response is let go of unread is closed at the peer`() async throws {
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let client = try Client()
        _ = try await client.send(ClientRequest("GET", peer.url))
        #expect(await ended.next() == true)
    }

    @Test func `whose reader stops in the middle is closed at the peer`() async throws {
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let client = try Client()
        for try await _ in try await client.send(ClientRequest("GET", peer.url)).body { break }
        #expect(await ended.next() == true)
    }

    @Test func `whose rest is discarded leaves its connection to the next`() async throws {
        let gate = Gate()
        let stayed = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            gate.wait()
            connection.send("3\r\ndef\r\n0\r\n\r\n")
            stayed.add(!connection.waitForEnd(milliseconds: 300))
        }
        defer { peer.stop() }
        let client = try Client()
        do {
            let response = try await client.send(ClientRequest("GET", peer.url))
            var pieces = response.body.makeAsyncIterator()
            #expect(try await pieces.next() == Array("abc".utf8))
            response.body.discardRest()
            #expect(try await pieces.next() == nil)
        }
        gate.open()
        #expect(await stayed.next() == true)
        client.shutdown()
    }

    @Test func `whose rest is discarded ends when the rest does not`() async throws {
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\nabc")
            while !connection.waitForEnd(milliseconds: 20), connection.send("a") {}
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let client = try Client()
        let response = try await client.send(ClientRequest("GET", peer.url))
        response.body.discardRest()
        #expect(await ended.next() == true)
    }

    @Test func `goes on although nobody holds the client`() async throws {
        let gate = Gate()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
            gate.wait()
            connection.send("abc")
        }
        defer { peer.stop() }
        let response = try await Client().send(ClientRequest("GET", peer.url))
        gate.open()
        #expect(try await response.collect(upTo: 3) == Array("abc".utf8))
    }

    @Test(arguments: heads) func `ends when the client is shut down`(head: String) async throws {
        let received = Notes<Void>()
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send(head)
            received.add(())
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let client = try Client()
        let fetching = Task {
            await outcome { () async throws(ClientError) in
                _ = try await client.fetch(ClientRequest("GET", peer.url))
            }
        }
        await received.next()
        client.shutdown()
        #expect(await fetching.value == .cancelled)
        #expect(await ended.next() == true)
        let later = await outcome { () async throws(ClientError) in
            _ = try await client.send(ClientRequest("GET", peer.url))
        }
        #expect(later == .cancelled)
    }

    @Test(
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        ], [true, false])
    func `whose response breaks off does not pass for complete`(
        answer: String, byReset: Bool
    ) async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send(answer)
            connection.close(byReset: byReset)
        }
        defer { peer.stop() }
        let client = try Client()
        let kind = await outcome { () async throws(ClientError) in
            _ = try await client.fetch(ClientRequest("GET", peer.url))
        }
        #expect(kind == .closedEarly)
    }

    @Test func `that breaks off has first given what had come`() async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        }
        defer { peer.stop() }
        let client = try Client()
        let response = try await client.send(ClientRequest("GET", peer.url))
        var received: [UInt8] = []
        do {
            for try await piece in response.body { received += piece }
            Issue.record("it passed for complete")
        } catch {
            #expect(error.kind == .closedEarly)
        }
        #expect(received == Array("abc".utf8))
    }

    @Test func `to a port where nobody listens says so`() async throws {
        let peer = try Peer { _ in }
        peer.stop()
        // The listener is gone when a connection is refused; its thread closes it.
        let client = try Client()
        var last: ClientError?
        repeat {
            do throws(ClientError) {
                _ = try await client.fetch(ClientRequest("GET", peer.url))
            } catch {
                last = error
            }
        } while last?.kind == .closedEarly
        #expect(last?.kind == .cannotConnect)
        #expect(last?.reason == "connection refused")
        #expect(
            last?.description
                == "There is no connection to http://127.0.0.1:\(peer.port) (connection refused).")
    }

    @Test func `to a name that nobody has says so`() async throws {
        let name = String(repeating: "a", count: 64) + ".invalid"
        let client = try Client()
        let kind = await outcome { () async throws(ClientError) in
            _ = try await client.send(ClientRequest("GET", "http://\(name)/"))
        }
        #expect(kind == .cannotResolve)
    }
}
