import Testing

@testable import HTTP

private let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

private func post(_ fields: String, _ body: String) -> String {
    "POST /b HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\r\n\(body)"
}

@Suite(.timeLimit(.minutes(5)))
struct `The machine of HTTP 1` {
    @Test func `answers one request after the other, however many have come`() {
        let bench = Bench()
        bench.feed(get + get)
        #expect(bench.next() == "head /a")
        #expect(bench.next() == "request /a ")
        #expect(bench.next() == "wait")
        bench.answer()
        #expect(bench.next() == "head /a")
        #expect(bench.next() == "request /a ")
        bench.answer(.notFound)
        #expect(bench.next() == "wait")
        let text = bench.sent()
        #expect(text.contains("200 OK") && text.contains("404 Not Found"))
        #expect(!text.contains("Connection: close"))
    }

    @Test(arguments: ["whole", "later", "refused"])
    func `waits with a request that is not decided, and then goes on`(way: String) {
        let bench = Bench()
        let (request, body) = (post("Content-Length: 3", ""), "abc")
        bench.feed(way == "later" ? request : request + body + get)
        #expect(bench.postpone())
        #expect(bench.next() == "wait")
        #expect(bench.deadline == .max)
        bench.wait(1_000_000)
        #expect(bench.next() == "wait")
        if way == "later" { bench.feed(body + get) }
        #expect(bench.next() == "wait")
        bench.resumeDecision()
        if way == "refused" {
            bench.refuse()
            #expect(bench.next() == "refuse 401")
            bench.answer(.unauthorized)
        } else {
            bench.accept()
            #expect(bench.next() == "request /b abc")
            bench.answer()
        }
        #expect(bench.next() == "head /a")
    }

    @Test(arguments: [
        ("HTTP/1.1", "", false), ("HTTP/1.1", "Connection: close\r\n", true),
        ("HTTP/1.0", "", true), ("HTTP/1.0", "Connection: keep-alive\r\n", false),
    ])
    func `ends as the request says`(version: String, field: String, ends: Bool) {
        let bench = Bench()
        bench.feed("GET /a \(version)\r\nHost: h\r\n\(field)\r\n")
        _ = bench.next()
        _ = bench.next()
        #expect(bench.endsWithAnswer == ends)
        #expect(bench.takesSharedHead == (!ends && version == "HTTP/1.1"))
        bench.answer()
        #expect(bench.next() == "wait")
        #expect(bench.sent().contains("Connection: close") == ends)
        #expect(bench.next() == (ends ? "linger true" : "wait"))
    }

    @Test func `says 100 before it reads a body that is waited with, and only where it takes one`()
    {
        let bench = Bench()
        bench.feed(post("Expect: 100-continue\r\nContent-Length: 2", ""))
        #expect(bench.next() == "head /b")
        #expect(bench.next() == "wait")
        #expect(bench.sent() == "HTTP/1.1 100 Continue\r\n\r\n")
        bench.feed("hi")
        #expect(bench.next() == "request /b hi")
        bench.answer()
        bench.feed(post("Expect: 100-continue\r\nContent-Length: 2", ""))
        #expect(bench.next(.collect(maximum: 1)) == "head /b")
        #expect(bench.next() == "refuse 413")
        bench.answer(.contentTooLarge)
        #expect(bench.next() == "wait")
        #expect(!bench.sent().contains("100 Continue"))
        #expect(bench.next() == "linger false")
    }

    @Test(arguments: [
        ("Content-Length: 5", true), ("Content-Length: 65536", true),
        ("Content-Length: 65537", false), ("Transfer-Encoding: chunked", false),
    ])
    func `goes on after a refused request if its body is short`(fields: String, goesOn: Bool) {
        let bench = Bench()
        bench.feed(post(fields, ""))
        guard case .head = bench.http.next(at: 0) else {
            Issue.record("no head")
            return
        }
        bench.http.refuse(Problem(.notFound, "Nothing."))
        #expect(bench.next() == (goesOn ? "wait" : "refuse 404"))
        if goesOn {
            bench.feed(String(repeating: "x", count: fields.contains("65536") ? 65_536 : 5))
            #expect(bench.next() == "refuse 404")
        }
        #expect(bench.endsWithAnswer == !goesOn)
    }

    @Test func `hands a body over in pieces, and waits while nobody wants more`() {
        let bench = Bench()
        bench.feed(post("Content-Length: 6", "abc"))
        #expect(bench.next(.pieces) == "head /b")
        #expect(bench.next() == "content abc")
        bench.http.pauseContent()
        bench.feed("def")
        #expect(bench.next() == "wait")
        #expect(bench.deadline == .max)
        bench.http.resumeContent(at: bench.now)
        #expect(bench.next() == "content def")
        #expect(bench.next() == "end of content")
        bench.answer()
        #expect(bench.next() == "wait")
    }

    @Test func `tells of pieces that break off, and ends with their answer`() {
        for breaksByTime in [true, false] {
            let bench = Bench()
            bench.feed(post("Transfer-Encoding: chunked", "1\r\na\r\n"))
            #expect(bench.next(.pieces) == "head /b")
            #expect(bench.next() == "content a")
            #expect(bench.next() == "wait")
            if breaksByTime { bench.wait(30_000) } else { bench.feed("x\r\n") }
            #expect(bench.next() == "broken content \(breaksByTime ? 408 : 400)")
            #expect(bench.endsWithAnswer)
        }
    }

    // MARK: Time

    @Test func `limits the time of a head from its first byte, whatever comes of it`() {
        let bench = Bench()
        for byte in ["G", "E", "T"] {
            bench.feed(byte)
            #expect(bench.next() == "wait")
            #expect(bench.deadline == 10_000)
            bench.wait(3_000)
        }
        bench.wait(999)
        #expect(bench.next() == "wait")
        bench.wait(1)
        #expect(bench.next() == "refuse 408")
    }

    @Test func `limits the time between two reads of a body`() {
        let bench = Bench()
        bench.feed(post("Content-Length: 6", "a"))
        #expect(bench.next() == "head /b")
        for _ in 0..<3 {
            #expect(bench.next() == "wait")
            bench.wait(29_999)
            bench.feed("a")
        }
        #expect(bench.next() == "wait")
        bench.wait(30_000)
        #expect(bench.next() == "refuse 408")
    }

    @Test func `closes an idle connection without a word`() {
        let fresh = Bench()
        fresh.wait(10_000)
        #expect(fresh.next() == "close")
        let used = Bench()
        used.feed(get)
        _ = used.next()
        _ = used.next()
        used.answer()
        #expect(used.next() == "wait")
        _ = used.sent()
        used.wait(74_999)
        #expect(used.next() == "wait")
        used.wait(1)
        #expect(used.next() == "close")
    }

    @Test func `forgets a time limit when what it was for has come`() {
        let bench = Bench()
        bench.feed(get)
        _ = bench.next()
        _ = bench.next()
        bench.http.awaitAnswer(.until(5_000), at: 0)
        bench.wait(5_000)
        bench.answer()
        #expect(bench.next() == "wait")
        #expect(bench.sent().contains("200 OK"))
    }

    @Test func `waits for an answer as long as it takes, and gives up a peer that takes none`() {
        let bench = Bench()
        bench.feed(get)
        _ = bench.next()
        #expect(bench.next() == "request /a ")
        #expect(bench.deadline == .max)
        bench.answer()
        bench.http.didBlock(at: bench.now)
        bench.wait(29_999)
        #expect(bench.next() == "wait")
        bench.wait(1)
        #expect(bench.next() == "close")
    }

    @Test(arguments: [false, true])
    func `is not closed for a peer that took nothing, when it just takes bytes again`(
        isLast: Bool
    ) {
        let bench = Bench()
        bench.feed(get)
        #expect(bench.next() == "head /a")
        #expect(bench.next() == "request /a ")
        bench.answer(close: isLast)
        bench.http.didBlock(at: bench.now)
        let deadline = bench.deadline
        bench.wait(deadline - bench.now - 1)
        bench.http.becameWritable()
        #expect(bench.next() == "wait")
        bench.wait(1)
        #expect(bench.next() == "wait" && bench.canSend)
        #expect(bench.deadline > deadline)
        #expect(bench.sent().hasPrefix("HTTP/1.1 200 OK"))
        #expect(bench.next() == (isLast ? "linger true" : "wait"))
    }

    @Test func `reads nothing while the peer takes nothing`() {
        let bench = Bench()
        bench.feed(get)
        _ = bench.next()
        _ = bench.next()
        bench.answer()
        bench.http.didBlock(at: 0)
        bench.feed(get)
        bench.http.becameReadable()
        #expect(bench.next() == "wait")
        #expect(!bench.canSend)
        bench.http.becameWritable()
        #expect(bench.canSend)
        #expect(bench.next() == "head /a")
    }

    @Test func `has much output sent before it reads on`() {
        let bench = Bench()
        bench.feed(get + get)
        _ = bench.next()
        _ = bench.next()
        bench.http.respond(
            Response(.ok, body: [UInt8](repeating: 0, count: 300_000)),
            date: SimulatedServer.date, fieldLines: SimulatedServer.fieldLines)
        #expect(bench.next() == "send")
        bench.http.didSend(100_000, at: 0)
        #expect(bench.next() == "head /a")
    }

    // MARK: Polls and ends

    @Test func `has a poll answered when its time is over, or soon after its peer has ended`() {
        let bench = Bench()
        bench.feed(get)
        _ = bench.next()
        _ = bench.next()
        bench.http.awaitAnswer(.until(5_000), at: 0)
        bench.wait(4_999)
        #expect(bench.next() == "wait")
        bench.wait(1)
        #expect(bench.next() == "expire")
        bench.answer()
        _ = bench.sent()
        bench.feed(get)
        _ = bench.next()
        _ = bench.next()
        bench.http.awaitAnswer(.until(bench.now + 9_000), at: bench.now)
        bench.http.peerEnded(at: bench.now)
        bench.wait(1_000)
        #expect(bench.next() == "expire")
    }

    @Test func `closes when the peer ends, where nobody else wants the answer`() {
        for patience in [HTTP1.Patience.whilePeerStays, .unlimited] {
            let bench = Bench()
            bench.feed(get)
            _ = bench.next()
            _ = bench.next()
            bench.http.awaitAnswer(patience, at: 0)
            bench.http.peerEnded(at: 0)
            guard case .unlimited = patience else {
                #expect(bench.next() == "close")
                continue
            }
            #expect(bench.next() == "wait")
            bench.answer()
            #expect(bench.next() == "receive")
            bench.http.inputEnded()
            #expect(bench.next() == "wait")
            #expect(bench.sent().contains("200 OK"))
            #expect(bench.next() == "linger true")
        }
    }

    @Test func `stops at once where nothing is owed, and after the answer where it is`() {
        let idle = Bench()
        idle.feed(get)
        _ = idle.next()
        _ = idle.next()
        idle.answer()
        _ = idle.sent()
        idle.http.stop(at: 0)
        #expect(idle.next() == "receive")
        idle.http.didReceiveNothing()
        #expect(idle.next() == "close")

        let late = Bench()
        late.feed(get)
        _ = late.next()
        _ = late.next()
        late.http.stop(at: 0)
        #expect(late.next() == "wait")
        late.answer()
        #expect(late.sent().contains("Connection: close"))
        #expect(late.next() == "linger true")
    }

    @Test(arguments: [(0, 1_000), (999, 1_999), (1_000, nil)] as [(UInt64, UInt64?)])
    func `leaves a new connection a little time for its first request when it stops`(
        age: UInt64, deadline: UInt64?
    ) {
        let bench = Bench()
        bench.now = age
        bench.http.stop(at: age)
        #expect(bench.next() == "receive")
        bench.http.didReceiveNothing()
        guard let deadline else {
            #expect(bench.next() == "close")
            return
        }
        #expect(bench.next() == "wait")
        #expect(bench.deadline == deadline)
        bench.feed(get)
        #expect(bench.next() == "head /a")
        #expect(bench.endsWithAnswer)
    }

    @Test func `is served once where it was told so, in the time that it was given`() {
        let bench = Bench(isServedOnce: true)
        bench.feed("GET")
        #expect(bench.next() == "wait")
        #expect(bench.deadline == 1_000)
        bench.feed(String(get.dropFirst(3)))
        _ = bench.next()
        #expect(bench.next() == "request /a ")
        bench.answer()
        #expect(bench.sent().contains("Connection: close"))
        #expect(bench.next() == "linger true")
    }

    @Test func `answers a request once`() async {
        await #expect(processExitsWith: .failure) {
            let bench = Bench()
            bench.feed(get)
            _ = bench.next()
            _ = bench.next()
            bench.answer()
            bench.answer()
        }
    }
}
