import Hub
import Testing

@testable import Server

/// Nothing here measures time: each test waits for what the time limit brings.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A time limit` {
    @Test func `on a head is answered with 408`() async throws {
        try await TestServer.run(with: { $0.headTimeout = 150 }) { hub async throws in
            let client = hub.connect()
            client.send("GET /health HTTP/1.1\r\nHost: localhost")
            let (status, head, body) = try client.readResponse()
            #expect(status == 408)
            #expect(head.contains("Connection: close"))
            #expect(body.contains("head"))
            #expect(try client.readToEnd() == "")
        }
    }

    @Test func `on a later head begins with its first byte`() async throws {
        try await TestServer.run(with: { $0.headTimeout = 150 }) { hub async throws in
            let client = hub.connect()
            client.send(get("/health"))
            #expect(try client.readResponse().status == 200)
            client.send("GET /hea")
            #expect(try client.readResponse().status == 408)
        }
    }

    @Test func `on a head is not put off by each of its bytes`() async throws {
        try await TestServer.run(with: { $0.headTimeout = 300 }) { hub async throws in
            let client = hub.connect()
            let other = hub.connect()
            client.send("GET /health HTTP/1.1\r\nX: ")
            // One byte after the other, each seen by the worker before the next is sent.
            while !client.hasBytes {
                client.send("x")
                other.send(get("/health"))
                _ = try other.readResponse()
            }
            #expect(try client.readResponse().status == 408)
        }
    }

    @Test func `on a body is answered with 408`() async throws {
        try await TestServer.run(with: { $0.bodyTimeout = 150 }) { hub async throws in
            let client = hub.connect()
            client.send(
                "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 10\r\n\r\n[")
            let (status, _, body) = try client.readResponse()
            #expect(status == 408)
            #expect(body.contains("body"))
            #expect(try client.readToEnd() == "")
        }
    }

    @Test func `on lines is answered with 408, and those before stand`() async throws {
        try await TestServer.run(with: { $0.bodyTimeout = 150 }) { hub async throws in
            let client = hub.connect()
            client.send(
                "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                    + "Content-Length: 1000\r\n\r\n{\"resource\":\"a:1\",\"data\":1}\n{")
            #expect(try client.readResponse().status == 408)
            #expect(hub.broker.lastID.sequence == 1)
        }
    }

    @Test func `between requests closes without a word`() async throws {
        try await TestServer.run(with: { $0.idleTimeout = 150 }) { hub async throws in
            let client = hub.connect()
            client.send(get("/health"))
            #expect(try client.readResponse().status == 200)
            #expect(try client.readToEnd() == "")
        }
    }

    @Test func `on a connection that never says anything closes it`() async throws {
        try await TestServer.run(with: { $0.headTimeout = 150 }) { hub async throws in
            #expect(try hub.connect().readToEnd() == "")
        }
    }

    @Test func `on answers that nobody takes closes the connection`() async throws {
        try await TestServer.run(with: { $0.bodyTimeout = 150 }) { hub async throws in
            let client = hub.connect(receiveBuffer: 4_096)
            client.send(String(repeating: get("/"), count: 60))
            try client.waitForBytes()
            let other = hub.connect()
            var status = ""
            while !status.contains("\"sockets\":1,") {
                other.send(get("/events/status"))
                status = try other.readResponse().body
            }
            // What the kernel had taken still comes, and ends somewhere in the middle.
            var answers = 0
            while (try? client.readResponse()) != nil { answers += 1 }
            #expect(answers < 60)
        }
    }

    @Test func `on silence brings a sign of life, with the cursor`() async throws {
        try await TestServer.run(with: { $0.keepalive = 150 }) { hub async throws in
            let client = try hub.stream("a:1", version: "1.0")
            try client.read(through: "\"keepalive\":0.15}\n\n")
            try client.read(through: "-0\n\n")
            let epoch = hub.broker.epoch
            #expect(try client.read(through: "\n\n") == sign("\(epoch)-0"))
            hub.publish("1", to: "b:1")
            hub.publish("2", to: "a:1")
            let event = try client.read(through: "\n\n")
            #expect(event.contains("id: \(epoch)-2\n") || event == sign("\(epoch)-1"))
            while try client.read(through: "\n\n") != sign("\(epoch)-2") {}
            #expect(try client.read(through: "\n\n") == sign("\(epoch)-2"))
        }
    }

    private func sign(_ cursor: String) -> String {
        "event: keepalive\ndata: {}\nid: \(cursor)\n\n"
    }
}
