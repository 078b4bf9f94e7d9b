import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A response` {
    @Test func `is there with its head while its body is not`() async throws {
        let gate = Gate()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            let head = "HTTP/1.1 201 Created\r\nX-One: 1\r\nx-two:  two words \r\n"
            for byte in (head + "Content-Length: 5\r\n\r\n").utf8 { connection.send([byte]) }
            gate.wait()
            connection.send("hello")
        }
        defer { peer.stop() }
        let client = try Client()
        let response = try await client.send(ClientRequest("GET", peer.url))
        #expect(response.status == 201)
        #expect(response.field("X-Two") == "two words")
        #expect(response.fields.map(\.name) == ["X-One", "x-two", "Content-Length"])
        gate.open()
        #expect(try await response.collect(upTo: 5) == Array("hello".utf8))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ])
    func `has the body that any framing carries`(answer: String) async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send(answer)
        }
        defer { peer.stop() }
        let (response, body) = try await Client().fetch(ClientRequest("GET", peer.url))
        #expect(response.status == 200)
        #expect(response.field("Link") == nil)
        #expect(String(decoding: body, as: UTF8.self) == "hello")
    }

    @Test(arguments: [
        ("GET", "204 No Content", ""), ("GET", "304 Not Modified", "Content-Length: 9\r\n"),
        ("HEAD", "200 OK", "Content-Length: 9\r\n"),
    ])
    func `without a body ends with its head`(
        method: String, status: String, field: String
    ) async throws {
        let peer = try Peer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 \(status)\r\n\(field)\r\n")
            }
        }
        defer { peer.stop() }
        let client = try Client()
        for _ in 0..<2 {
            let (response, body) = try await client.fetch(ClientRequest(method, peer.url))
            #expect(response.status == Int(status.prefix(3)))
            #expect(body.isEmpty)
        }
        #expect(peer.connectionCount == 1)
    }

    @Test(arguments: [true, false])
    func `of ten megabytes arrives as it was sent`(isChunked: Bool) async throws {
        let sent = pattern(10 << 20)
        let peer = try Peer { connection in
            _ = connection.readRequest()
            if isChunked {
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                connection.send(chunked(sent, size: 70_001))
            } else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(sent.count)\r\n\r\n")
                connection.send(sent)
            }
        }
        defer { peer.stop() }
        let (_, body) = try await Client().fetch(ClientRequest("GET", peer.url))
        #expect(isSame(body[...], sent))
    }

    @Test func `larger than the caller takes ends the transfer`() async throws {
        let notes = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\nhello world")
            notes.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let client = try Client()
        let response = try await client.send(ClientRequest("GET", peer.url))
        let kind = await outcome { () async throws(ClientError) in
            _ = try await response.collect(upTo: 10)
        }
        #expect(kind == .tooLarge)
        #expect(await notes.next() == true)
    }

    @Test func `with an endless head is refused`() async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Again: \(String(repeating: "a", count: 1000))\r\n") {}
        }
        defer { peer.stop() }
        let client = try Client()
        let kind = await outcome { () async throws(ClientError) in
            _ = try await client.send(ClientRequest("GET", peer.url))
        }
        #expect(kind == .tooLarge)
    }

    @Test func `that redirects is given as it is, or followed if the request says so`() async throws
    {
        let peer = try Peer { connection in
            while let request = connection.readRequest() {
                connection.send(
                    request.path == "/"
                        ? "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 3\r\n\r\nold"
                        : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew")
            }
        }
        defer { peer.stop() }
        let client = try Client()
        let (response, old) = try await client.fetch(ClientRequest("GET", peer.url))
        #expect(response.status == 302)
        #expect(old == Array("old".utf8))
        let request = ClientRequest("GET", peer.url, followsRedirects: true)
        let (followed, new) = try await client.fetch(request)
        #expect(followed.status == 200)
        #expect(new == Array("new".utf8))
    }
}
