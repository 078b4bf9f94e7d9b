import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A stream on a real socket` {
    @Test func `begins with what it is and is live at once`() async throws {
        try await TestServer.run { hub async throws in
            hub.publish("1")
            let client = try hub.stream("a:1,b:*,a:1")
            let (status, head, _) = try client.readResponse()
            #expect(status == 200)
            for field in [
                "Content-Type: text/event-stream; charset=utf-8",
                "Cache-Control: no-cache, no-transform",
                "X-Accel-Buffering: no", "Transfer-Encoding: chunked",
            ] { #expect(head.contains("\r\n\(field)\r\n")) }
            let cursor = "\(hub.broker.epoch)-1"
            let size = try client.read(through: "\r\n")
            let block = try client.read(through: "id: \(cursor)\n\n")
            #expect(size == String(block.utf8.count, radix: 16) + "\r\n")
            let id = try connection(in: block)
            #expect(
                block == """
                    retry: 1000
                    event: connected
                    data: {"connection":"\(id)","resources":["a:1","b:*"],"resumed":false,"keepalive":30}

                    event: live
                    data: {"cursor":"\(cursor)"}
                    id: \(cursor)\n\n
                    """)
            #expect(ConnectionID(id) != nil)
        }
    }

    @Test func `resumes with what it missed, in order, then live`() async throws {
        try await TestServer.run { hub async throws in
            for number in 1...500 { hub.publish("\(number)", to: number % 2 == 0 ? "a:1" : "b:1") }
            let client = try hub.stream(
                "a:1", version: "1.0", fields: "Last-Event-ID: \(hub.broker.epoch)-100\r\n")
            let start = try client.read(through: "event: live\n")
            #expect(start.contains("\"resumed\":true"))
            hub.publish("502")
            let all = start + (try client.read(through: "\"data\":502}\n"))
            #expect(data(in: all) == Array(stride(from: 102, through: 502, by: 2)))
        }
    }

    @Test(arguments: ["?", "other-1", "EPOCH-9"], ["malformed", "epoch", "future"])
    func `starts afresh and says so when its cursor is of no use`(
        cursor: String, reason: String
    ) async throws {
        let reasons = ["?": "malformed", "other-1": "epoch", "EPOCH-9": "future"]
        guard reasons[cursor] == reason else { return }
        try await TestServer.run { hub async throws in
            hub.publish("1")
            let epoch = "\(hub.broker.epoch)"
            let cursor = cursor == "EPOCH-9" ? "\(epoch)-9" : cursor
            let client = try hub.stream(
                "a:1", version: "1.0", fields: "Last-Event-ID: \(cursor)\r\n")
            let start = try client.read(through: "event: live\n")
            #expect(start.contains("\"resumed\":false"))
            #expect(
                start.contains(
                    "event: reset\ndata: {\"reason\":\"\(reason)\",\"oldest\":\"\(epoch)-1\"}\n\n"))
        }
    }

    @Test func `is served by every worker in the same order`() async throws {
        try await TestServer.run(with: { $0.workers = 3 }) { hub async throws in
            let clients = try (0..<24).map { _ in try hub.stream("a:1", version: "1.0") }
            for client in clients { try client.read(through: "event: live\n") }
            for number in 1...50 { hub.publish("\(number)") }
            for client in clients {
                let text = try client.read(through: "\"data\":50}\n")
                #expect(data(in: text) == Array(1...50))
            }
        }
    }

    @Test func `changes what it asks for, from whichever worker`() async throws {
        try await TestServer.run(with: { $0.workers = 3 }) { hub async throws in
            let client = try hub.stream("a:1,a:2", version: "1.0")
            let id = try connection(in: try client.read(through: "event: live\n"))
            for round in 0..<12 {
                let api = hub.connect()
                let body = #"{"add":["b:\#(round)","a:2"],"remove":["a:1","b:\#(round - 1)"]}"#
                api.send(patch(id, body))
                let (status, _, answer) = try api.readResponse()
                #expect(status == 200)
                #expect(answer == "{\"resources\":[\"a:2\",\"b:\(round)\"]}")
                try client.read(through: "event: subscribed\ndata: \(answer)\n\n")
                hub.publish("1", to: "a:1")
                hub.publish("\(round)", to: "b:\(round)")
                #expect(data(in: try client.read(through: "\"data\":\(round)}\n")) == [round])
            }
            let api = hub.connect()
            api.send(patch(String(repeating: "0", count: 48), "{}") + patch("x", "{}"))
            #expect(try api.readResponse().status == 404)
            #expect(try api.readResponse().status == 404)
            api.send(patch(id, #"{"add":["presence:a:*"]}"#) + patch(id, "{"))
            #expect(try api.readResponse().status == 422)
            #expect(try api.readResponse().status == 400)
        }
    }

    @Test func `hears how many streams receive a resource, over all workers`() async throws {
        try await TestServer.run(with: { $0.workers = 2 }) { hub async throws in
            let watcher = try hub.stream("presence:a:1", version: "1.0")
            try watcher.read(through: #"{"resource":"a:1","count":0}"#)
            var others = try (0..<5).map { _ in try hub.stream("a:*", version: "1.0") }
            for other in others { try other.read(through: "event: live\n") }
            try watcher.read(through: #"{"resource":"a:1","count":5}"#)
            let late = try hub.stream("presence:a:1,a:1", version: "1.0")
            try late.read(through: #"{"resource":"a:1","count":6}"#)
            others.removeLast().close()
            late.close()
            try watcher.read(through: #"{"resource":"a:1","count":4}"#)
        }
    }

    @Test func `is told farewell when the hub stops`() async throws {
        let hub = try TestServer { $0.workers = 2 }
        try await hub.server.start()
        let chunked = try hub.stream("a:1")
        let bare = try hub.stream("a:1", version: "1.0")
        let idle = hub.connect()
        idle.send(get("/health"))
        _ = try idle.readResponse()
        for client in [chunked, bare] { try client.read(through: "\"cursor\"") }
        let stop = Task { [server = hub.server] in await server.stop() }
        #expect(try idle.readToEnd() == "")
        for (client, ending) in [(chunked, "\n\n\r\n0\r\n\r\n"), (bare, "\n\n")] {
            let text = try client.readToEnd()
            #expect(text.contains("retry: "))
            #expect(text.contains("event: closing\ndata: {\"reason\":\"shutdown\",\"retry\":"))
            #expect(text.hasSuffix("}" + ending))
        }
        hub.closeClients()
        await stop.value
    }

    @Test func `is closed at once by a hub that cannot wait for it`() async throws {
        let hub = try TestServer { $0.shutdownTimeout = 100 }
        try await hub.server.start()
        let client = hub.connect()
        client.send("GET /health HTTP/1.1\r\n")
        let stream = try hub.stream("a:1")
        try stream.read(through: "\"cursor\"")
        await hub.server.stop()
        #expect(try client.readToEnd() == "")
        #expect(try stream.readToEnd().contains("shutdown"))
        hub.closeClients()
    }
}

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A reader that stalls` {
    private static let text = "\"" + String(repeating: "x", count: 50_000) + "\""

    @Test func `is cut off, and delays nobody`() async throws {
        try await TestServer.run(with: {
            $0.outbox = OutboxLimits(count: 4)
            $0.broadcastTimeout = 150
        }) { hub async throws in
            let stalled = try hub.stream("a:1", receiveBuffer: 4_096)
            let reader = try hub.stream("a:1", version: "1.0")
            for client in [stalled, reader] { try client.read(through: "\"cursor\"") }
            for number in 1...200 {
                hub.publish([Self.text, "\(number)"])
                try reader.read(through: "\"data\":\(number)}\n")
            }
            try stalled.waitForReset()
            hub.publish("201")
            try reader.read(through: "\"data\":201}\n")
        }
    }

    @Test func `is cut off as well when it makes the hub answer and takes no answer`() async throws
    {
        try await TestServer.run(with: {
            $0.outbox = OutboxLimits(count: 4)
            $0.broadcastTimeout = 150
        }) { hub async throws in
            let stalled = try hub.stream("a:1", receiveBuffer: 4_096)
            let id = try connection(in: try stalled.read(through: "\"cursor\""))
            let names = (0..<90).map { "\"b:\($0)\(String(repeating: "x", count: 200))\"" }
            let api = hub.connect()
            var status = 200
            while status == 200 {
                api.send(patch(id, "{\"add\":[\(names.joined(separator: ","))]}"))
                status = try api.readResponse().status
            }
            #expect(status == 404)
        }
    }

    @Test func `catches up from the log and loses nothing durable`() async throws {
        try await TestServer.run(with: {
            $0.outbox = OutboxLimits(count: 4)
            $0.broadcastTimeout = 20_000
        }) { hub async throws in
            let slow = try hub.stream("a:*", version: "1.0", receiveBuffer: 4_096)
            try slow.read(through: "\"cursor\"")
            for number in 1...200 {
                hub.publish(Self.text, to: "a:2")
                hub.publish("\(number)", to: "a:1")
            }
            hub.publish("\"last\"", to: "a:1")
            let text =
                try slow.read(through: "\"data\":\"last\"}\n") + slow.read(through: "\n\n")
            #expect(data(in: text) == Array(1...200))
            let ids = text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
            let epoch = hub.broker.epoch
            #expect(ids == (0...401).map { "id: \(epoch)-\($0)" })
            hub.publish("7", to: "a:1")
            try slow.read(through: "\"data\":7}\n")
        }
    }

    @Test func `is told when retention has overtaken it, and that it cannot resume`() async throws {
        try await TestServer.run(
            tail: .init(count: 10, bytes: 1 << 28),
            with: {
                $0.outbox = OutboxLimits(count: 4)
                $0.broadcastTimeout = 20_000
            }
        ) { hub async throws in
            let slow = try hub.stream("a:1", version: "1.0", receiveBuffer: 4_096)
            try slow.read(through: "\"cursor\"")
            for _ in 1...300 { hub.publish(Self.text) }
            let text = try slow.readToEnd()
            #expect(text.contains("event: closing\ndata: {\"reason\":\"slow\",\"retry\":"))
            let ids = text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
            #expect(ids == (0..<ids.count).map { "id: \(hub.broker.epoch)-\($0)" })
            #expect(ids.count < 290)
            let again = try hub.stream(
                "a:1", version: "1.0", fields: "Last-Event-ID: \(ids.last?.dropFirst(4) ?? "")\r\n")
            try again.read(through: #"{"reason":"expired","oldest":"\#(hub.broker.epoch)-291"}"#)
        }
    }
}

/// The id in a `connected` event.
private func connection(in block: String) throws -> String {
    let mark = "\"connection\":\""
    let start = try #require(block.split(separator: "\n").first { $0.contains(mark) })
    return String(start.dropFirst("data: {".count + mark.count).prefix { $0 != "\"" })
}

/// The whole numbers that events of this text carry as their data.
private func data(in text: String) -> [Int] {
    text.split(separator: "\n").compactMap { line in
        guard line.hasPrefix("data: {\"resources\""), let colon = line.lastIndex(of: ":") else {
            return nil
        }
        return Int(line[line.index(after: colon)...].dropLast())
    }
}
