import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A request to another server` {
    private func echo() throws -> Peer {
        try Peer { connection in
            while let request = connection.readRequest() {
                let body = Array(request.head.utf8) + request.body
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
                connection.send(body)
            }
        }
    }

    @Test func `has its method, path and fields, and little else`() async throws {
        let peer = try echo()
        defer { peer.stop() }
        let request = ClientRequest(
            "GET", peer.url + "a/b?c=%20d",
            fields: [("X-Key", "one, two"), ("X-Empty", ""), ("x-key", "three")])
        let text = try await Client().text(request)
        #expect(
            text == "GET /a/b?c=%20d HTTP/1.1\r\nHost: 127.0.0.1:\(peer.port)\r\nAccept: */*\r\n"
                + "X-Key: one, two\r\nX-Empty:\r\nx-key: three\r\nUser-Agent: martlet\r\n\r\n")
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `has its body, of which nothing is said that the caller did not say`(
        method: String
    ) async throws {
        let peer = try echo()
        defer { peer.stop() }
        let client = try Client()
        let text = try await client.text(ClientRequest(method, peer.url, body: Array("hi".utf8)))
        #expect(text.hasPrefix("\(method) / HTTP/1.1\r\n"))
        #expect(text.hasSuffix("Content-Length: 2\r\n\r\nhi"))
        #expect(!text.contains("Content-Type"))
        #expect(!text.contains("Expect"))
        let empty = try await client.text(ClientRequest("POST", peer.url))
        #expect(empty.contains("Content-Length: 0\r\n"))
    }

    @Test func `of ten megabytes arrives as it was sent`() async throws {
        let body = pattern(10 << 20)
        let notes = Notes<Bool>()
        let peer = try Peer { connection in
            notes.add(connection.readRequest().map { isSame($0.body[...], body) } ?? false)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        defer { peer.stop() }
        _ = try await Client().fetch(ClientRequest("POST", peer.url, body: body))
        #expect(await notes.next() == true)
    }

    @Test func `uses the connection of the one before`() async throws {
        let peer = try echo()
        defer { peer.stop() }
        let client = try Client()
        for _ in 0..<5 { _ = try await client.fetch(ClientRequest("GET", peer.url)) }
        #expect(peer.connectionCount == 1)
    }

    @Test func `is made anew when the connection of the one before is gone`() async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        defer { peer.stop() }
        let client = try Client()
        for _ in 0..<5 {
            let request = ClientRequest("POST", peer.url, body: Array("hi".utf8))
            #expect(try await client.fetch(request).response.status == 200)
        }
        #expect(peer.connectionCount == 5)
    }

    /// A peer that answers the first request of a connection and takes the second, whereupon it
    /// closes.
    private func closingPeer(_ count: Notes<String>) throws -> Peer {
        try Peer { connection in
            for number in 0... {
                guard let request = connection.readRequest() else { return }
                count.add(String(request.method))
                guard number == 0 else { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `that is not to be repeated is sent once, whatever becomes of its connection`(
        method: String
    ) async throws {
        let seen = Notes<String>()
        let peer = try closingPeer(seen)
        defer { peer.stop() }
        let client = try Client()
        for count in 1...3 {
            let request = ClientRequest(method, peer.url, body: Array("hi".utf8))
            #expect(try await client.fetch(request).response.status == 200)
            #expect(await seen.next() == method)
            #expect(peer.connectionCount == count, "each has a connection of its own")
        }
    }

    @Test(arguments: [true, false])
    func `uses a used connection only where it may be repeated`(isRepeatable: Bool) async throws {
        let seen = Notes<String>()
        let peer = try closingPeer(seen)
        defer { peer.stop() }
        let client = try Client()
        _ = try await client.fetch(ClientRequest("GET", peer.url))
        #expect(await seen.next() == "GET")
        let request = ClientRequest(
            "POST", peer.url, body: Array("hi".utf8), isRepeatable: isRepeatable)
        // On the used connection nothing comes, and curl asks again by itself.
        #expect(try await client.fetch(request).response.status == 200)
        #expect(await seen.next() == "POST")
        if isRepeatable { #expect(await seen.next() == "POST") }
        _ = try await client.fetch(ClientRequest("GET", peer.url))
        #expect(await seen.next() == "GET")
    }

    @Test func `runs beside others`() async throws {
        let gate = Gate()
        let arrived = Notes<Void>()
        let peer = try Peer { connection in
            let request = connection.readRequest()
            arrived.add(())
            gate.wait()
            let path = request.map { String($0.path) } ?? ""
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
            connection.waitForEnd()
        }
        defer { peer.stop() }
        let client = try Client()
        let url = peer.url
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for index in 0..<30 {
                group.addTask {
                    (index, try await client.text(ClientRequest("GET", url + "\(index)")))
                }
            }
            for _ in 0..<30 { await arrived.next() }
            gate.open()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers == Dictionary(uniqueKeysWithValues: (0..<30).map { ($0, "/\($0)") }))
    }

    @Test(arguments: [
        ("GET", "X", "a\r\nY: b"), ("GET", "X", "a\nb"), ("GET", "X", "a\0"),
        ("GET", "X\r\nY", "b"),
        ("GET", "X:", "b"), ("GET", "", "b"), ("GET", "Content-Length", "1"),
        ("GET", "transfer-encoding", "chunked"), ("GET / HTTP/1.1\r\nX:", "X", "a"), ("", "X", "a"),
    ])
    func `that would break its framing is refused`(
        method: String, name: String, value: String
    ) async throws {
        let peer = try Peer { _ in }
        defer { peer.stop() }
        let client = try Client()
        let request = ClientRequest(method, peer.url, fields: [(name, value)])
        let kind = await outcome { () async throws(ClientError) in
            _ = try await client.send(request)
        }
        #expect(kind == .invalidRequest)
        #expect(peer.connectionCount == 0)
    }

    @Test(arguments: [
        "", "127.0.0.1:80", "http://", "file:///etc/passwd", "ftp://127.0.0.1/", "http://a b/",
        "http://127.0.0.1/\r\nX: y", "http://127.0.0.1:99999/", "http://127.0.0.1/\0",
    ])
    func `whose URL is none of the web is refused`(url: String) async throws {
        let client = try Client()
        let kind = await outcome { () async throws(ClientError) in
            _ = try await client.send(ClientRequest("GET", url))
        }
        #expect(kind == .invalidURL)
    }

    @Test func `has no credentials of its URL in an error`() async throws {
        let peer = try Peer { $0.close(byReset: true) }
        defer { peer.stop() }
        let client = try Client()
        do throws(ClientError) {
            let url = "http://name:secret@127.0.0.1:\(peer.port)/"
            _ = try await client.send(ClientRequest("GET", url))
            Issue.record("a reset connection gave a response")
        } catch {
            #expect(!"\(error)".contains("secret"))
            #expect(error.origin == "http://127.0.0.1:\(peer.port)")
        }
    }
}
