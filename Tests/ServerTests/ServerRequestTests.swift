import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A connection with requests` {
    @Test func `answers pipelined requests in their order`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            client.send(
                get("/health") + post(#"{"resource":"a:1","data":1}"#) + get("/nothing")
                    + post("[]") + get("/presence?resources=a:1"))
            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().body == "{\"id\":\"\(hub.broker.epoch)-1\"}")
            #expect(try client.readResponse().status == 404)
            #expect(try client.readResponse().body == #"{"ids":[]}"#)
            #expect(try client.readResponse().body == #"{"resources":{"a:1":0}}"#)
        }
    }

    @Test func `takes a request at whatever byte it is cut`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            let request = post(#"{"resource":"a:1","data":"é"}"#)
            for byte in request.utf8 { client.send(String(UnicodeScalar(byte))) }
            // The two bytes of é became four, and the length is too short by two: a 400.
            #expect(try client.readResponse().status == 400)
        }
    }

    @Test func `answers all that it owes a peer that has sent its last byte`() async throws {
        let hub = try TestServer()
        let client = hub.connect()
        client.send(get("/health") + get("/presence?resources=a:1") + get("/health/live"))
        client.endSending()
        try await hub.server.start()
        for _ in 0..<3 { #expect(try client.readResponse().status == 200) }
        #expect(try client.readToEnd() == "")
        await hub.stop()
    }

    @Test func `opens a stream behind answers, on the same connection`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            client.send(get("/health") + get("/stream?resources=a:1") + get("/health"))
            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().head.contains("text/event-stream"))
            try client.read(through: "event: live\n")
            hub.publish("7")
            try client.read(through: "\"data\":7}\nid: \(hub.broker.epoch)-1\n\n\r\n")
        }
    }

    @Test func `says 100 before it reads a body that is waited with`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            let body = #"{"resource":"a:1","data":1}"#
            let (head, _) = split(post(body, fields: "Expect: 100-continue\r\n"))
            client.send(head)
            #expect(try client.readResponse().status == 100)
            client.send(body)
            #expect(try client.readResponse().status == 200)
            client.send(
                "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.readResponse().status == 415)
            #expect(try client.readToEnd() == "")
        }
    }

    @Test func `goes on after a refused request, if its body is short`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            client.send(
                "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345"
                    + get("/health"))
            #expect(try client.readResponse().status == 404)
            #expect(try client.readResponse().status == 200)
            client.send(
                "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n")
            #expect(try client.readResponse().status == 404)
            #expect(try client.readToEnd() == "")
        }
    }

    @Test func `answers a malformed request and ends`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            client.send(get("/health") + "GET / HTTP/1.1\r\nBad Field: 1\r\n\r\n" + get("/health"))
            #expect(try client.readResponse().status == 200)
            let (status, head, body) = try client.readResponse()
            #expect(status == 400)
            #expect(head.contains("Connection: close") && head.contains("application/problem+json"))
            #expect(body.contains("\"status\":400"))
            #expect(try client.readToEnd() == "")
        }
    }

    @Test(arguments: [0, 1, 20])
    func `reads on when answers that were stuck have been taken`(cut: Int) async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect(receiveBuffer: 4_096)
            let other = hub.connect()
            // More than the kernel takes for a client that does not read, and less than is written
            // at once; the last request is cut in two.
            let body = String(repeating: " ", count: 100_000) + #"{"resource":"a:1","data":1}"#
            let (head, rest) = split(post(body))
            client.send(String(repeating: get("/"), count: 3) + head.dropLast(cut))
            try client.waitForBytes()
            client.send(head.suffix(cut) + rest)
            // The answer to another client shows that the worker has seen what came before.
            other.send(get("/health"))
            #expect(try other.readResponse().status == 200)
            for _ in 0..<3 { #expect(try client.readResponse().status == 200) }
            #expect(try client.readResponse().body.contains("\"id\""))
        }
    }

    @Test func `takes lines as they come, and says where they go wrong`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            let watcher = try hub.stream("a:1")
            try watcher.read(through: "event: live\n")
            client.send(
                "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n")
            for number in 1...3 {
                let line = "{\"resource\":\"a:1\",\"data\":\(number)}\n"
                client.send(String(line.utf8.count, radix: 16) + "\r\n\(line)\r\n")
                try watcher.read(through: "\"data\":\(number)}\n")
            }
            client.send("2\r\n{}\r\n0\r\n\r\n")
            let (status, _, body) = try client.readResponse()
            #expect(status == 422)
            #expect(body.contains("\"line\":4,\"published\":3"))
            client.send(post("{\"resource\":\"a:1\",\"data\":4}\n", type: "application/x-ndjson"))
            #expect(try client.readResponse().body == #"{"published":1}"#)
        }
    }
}

func get(_ target: String, fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
}

func post(_ body: String, type: String = "application/json", fields: String = "") -> String {
    "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(type)\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}

func patch(_ connection: String, _ body: String) -> String {
    "PATCH /stream/\(connection) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// A request's head and its body.
private func split(_ request: String) -> (head: String, body: String) {
    let bytes = Array(request.utf8)
    var end = 4
    while bytes[(end - 4)..<end] != [13, 10, 13, 10] { end += 1 }
    return (
        String(decoding: bytes[..<end], as: UTF8.self),
        String(decoding: bytes[end...], as: UTF8.self)
    )
}
