import Telemetry
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `An event frame` {
    @Test(arguments: [1, 9, 15, 16, 17, 255, 256, 257, 4_095, 4_096, 65_535, 65_536, 300_000])
    func `is one exact chunk around the block`(size: Int) {
        let block = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let frame = EventFrame(block, content: .control)
        let head = Array((String(size, radix: 16) + "\r\n").utf8)
        #expect(frame.bytes(in: .chunked) == head + block + [13, 10])
        #expect(frame.bytes(in: .bare) == block)
        #expect(frame.byteCount == head.count + size + 2)
        var pool = FramePool()
        let handle = pool.insert(frame)
        #expect(pool.byteCount(handle, in: .chunked) == frame.byteCount)
        #expect(pool.byteCount(handle, in: .bare) == size)
        pool.release(handle)
    }

    @Test func `knows its sequence only when it is durable`() {
        #expect(EventFrame([1], content: .durable(sequence: 9)).sequence == 9)
        #expect(EventFrame([1], content: .transient).sequence == nil)
        #expect(EventFrame([1], content: .control).sequence == nil)
    }

    @Test func `shows the part of the block that is named as its members`() {
        let block = Array("data: {\"a\":1}\n\n".utf8)
        var writer = FrameWriter(size: block.count)
        let start = writer.count
        writer.append(block)
        let frame = EventFrame(
            writer, of: Publication("a:1"), content: .control,
            members: start + 7..<start + 12)
        #expect(frame.members == Array("\"a\":1".utf8))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An event's encoding` {
    private let encoding = EventEncoding(epoch: epoch)
    // That is 2026-11-21T01:02:03.456Z.
    private let time = Timestamp(milliseconds: 1_795_222_923_456)

    @Test func `is the block of the contract, byte for byte`() {
        let publication = Publication(
            "post:456", "influencer:789", name: "post_update",
            data: #"{"status":"ready","image_urls":["/media/1"]}"#)
        let frame = encoding.frame(publication, sequence: 1842, at: time)
        let members =
            #""resources":["post:456","influencer:789"],"at":"2026-11-21T01:02:03.456Z","#
            + #""data":{"status":"ready","image_urls":["/media/1"]}"#
        #expect(frame.blockText == "event: post_update\ndata: {\(members)}\nid: k3f9-1842\n\n")
        #expect(frame.members == Array(members.utf8))
        #expect(frame.content == .durable(sequence: 1842))
        #expect(frame.name == "post_update")
        #expect(frame.resources.map(\.name) == ["post:456", "influencer:789"])
        #expect(frame.coalesceKey == nil)
    }

    @Test func `has no id when the event is transient`() {
        let publication = Publication("a:1", isTransient: true, coalesceKey: "k")
        let frame = encoding.frame(publication, sequence: nil, at: time)
        #expect(
            frame.blockText == """
                event: message
                data: {"resources":["a:1"],"at":"2026-11-21T01:02:03.456Z","data":null}\n\n
                """)
        #expect(frame.content == .transient)
        #expect(frame.coalesceKey == "k")
    }

    @Test func `of state has its id in the envelope, where it moves no cursor`() {
        let publication = Publication("a:1", name: "n", data: "[1]", isRetained: true)
        let frame = encoding.stateFrame(publication, sequence: 7, at: time)
        #expect(
            frame.blockText == """
                event: n
                data: {"resources":["a:1"],"at":"2026-11-21T01:02:03.456Z","data":[1],\
                "id":"k3f9-7","retained":true}\n\n
                """)
        #expect(frame.content == .control)
        #expect(frame.sequence == nil)
        #expect(frame.name == "n")
        #expect(
            String(decoding: frame.members, as: UTF8.self)
                == #""resources":["a:1"],"at":"2026-11-21T01:02:03.456Z","data":[1]"#)
    }

    @Test(arguments: [
        (#"a:""#, #"a:\""#), (#"a:\"#, #"a:\\"#), ("a:/é😀", "a:/é😀"),
        ("a:\u{2028}\u{2029}", #"a:\u2028\u2029"#),
    ])
    func `escapes what a JSON string or a line cannot hold in a resource's name`(
        name: String, json: String
    ) {
        let frame = encoding.frame(Publication(name), sequence: 1, at: time)
        #expect(frame.blockText.contains("{\"resources\":[\"\(json)\"],"))
    }

    @Test func `escapes a line's end in a name from an older store`() {
        let publication = Publication(resources: [Resource(checked: "a:\u{85}")], data: [48])
        let frame = encoding.frame(publication, sequence: 1, at: time)
        #expect(frame.blockText.contains(#"{"resources":["a:\u0085"],"#))
    }

    @Test(
        arguments: [
            ("\"\u{2028}\"", #""\u2028""#),
            ("{\"a\u{2029}\":\"\u{85}b\"}", #"{"a\u2029":"\u0085b"}"#),
            (#""\u2028 \\u2028""#, #""\u2028 \\u2028""#), ("\"é ’ \u{84}\u{2027}\u{202A}\"", nil),
        ] as [(String, String?)])
    func `sends what many readers take for a line's end as escapes`(data: String, sent: String?) {
        let publication = Publication("a:1", data: data)
        for frame in [
            encoding.frame(publication, sequence: 1, at: time),
            encoding.frame(publication, sequence: nil, at: time),
            encoding.stateFrame(publication, sequence: 1, at: time),
        ] {
            #expect(
                String(decoding: frame.members, as: UTF8.self).hasSuffix(
                    ",\"data\":\(sent ?? data)"))
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 255, 256, 257, 4_095, 4_096, 65_535, 65_536, 1 << 20])
    func `is one chunk, whose size is written without needless zeros`(length: Int) {
        let data = "\"" + String(repeating: "x", count: length) + "\""
        let frame = encoding.frame(Publication("a:1", data: data), sequence: 1, at: time)
        let size = String(frame.blockText.utf8.count, radix: 16)
        #expect(frame.chunkText == "\(size)\r\n\(frame.blockText)\r\n")
        #expect(frame.byteCount == frame.chunkText.utf8.count)
        #expect(EventFrame(Array(data.utf8), content: .control).blockText == data)
    }

    @Test(arguments: [1, 50, 1_000])
    func `grows when escapes make it much longer than its data`(count: Int) {
        let name = "a:" + String(repeating: "\"", count: min(count, 256))
        let data = "\"" + String(repeating: "\u{2028}", count: count) + "\""
        let frame = encoding.frame(Publication(name, data: data), sequence: .max, at: time)
        let members =
            "\"resources\":[\"a:" + String(repeating: "\\\"", count: min(count, 256))
            + "\"],\"at\":\"2026-11-21T01:02:03.456Z\",\"data\":\""
            + String(repeating: "\\u2028", count: count) + "\""
        #expect(
            frame.blockText
                == "event: message\ndata: {\(members)}\nid: k3f9-18446744073709551615\n\n")
        #expect(frame.members == Array(members.utf8))
    }

    @Test(arguments: ["0", #""a\u000ab""#, "1E400", #"{"b":1,"a":2,"b":3}"#, "[ ]"])
    func `keeps the producer's data as it came`(data: String) {
        let frame = encoding.frame(Publication("a:1", data: data), sequence: 1, at: time)
        #expect(frame.blockText.hasSuffix(",\"data\":\(data)}\nid: k3f9-1\n\n"))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `The hub's own events` {
    private let control = ControlEvents(epoch: epoch)

    @Test func `say that a stream is connected`() {
        let block = control.connected(
            connection: "c0ffee", selectors: selectors("post:\"1\"", "job:*"), resumed: false,
            keepalive: 30)
        #expect(
            text(block) == """
                retry: 1000
                event: connected
                data: {"connection":"c0ffee","resources":["post:\\"1\\"","job:*"],"resumed":false,\
                "keepalive":30}\n\n
                """)
    }

    @Test(arguments: [(0.5, "0.5"), (30, "30"), (2.25, "2.25")])
    func `write the keep-alive's seconds as a number`(seconds: Double, json: String) {
        let block = control.connected(
            connection: "c", selectors: [], resumed: true, keepalive: seconds)
        let members = #""connection":"c","resources":[],"resumed":true,"keepalive":\#(json)"#
        #expect(text(block).hasSuffix("data: {\(members)}\n\n"))
    }

    @Test(arguments: [
        (ResetReason.expired, "expired"), (.epoch, "epoch"), (.future, "future"),
        (.malformed, "malformed"),
    ])
    func `say why a cursor cannot be resumed`(reason: ResetReason, word: String) {
        #expect(
            text(control.reset(reason, oldest: 12)) == """
                event: reset
                data: {"reason":"\(word)","oldest":"k3f9-12"}\n\n
                """)
    }

    @Test func `say that a stream is live, with the cursor as its id`() {
        #expect(
            text(control.live(at: 0)) == """
                event: live
                data: {"cursor":"k3f9-0"}
                id: k3f9-0\n\n
                """)
    }

    @Test func `give a sign of life with the cursor, or without when behind`() {
        #expect(text(control.keepalive(at: 5)) == "event: keepalive\ndata: {}\nid: k3f9-5\n\n")
        #expect(text(control.keepalive(at: nil)) == "event: keepalive\ndata: {}\n\n")
    }

    @Test func `answer a change and tell a count`() {
        #expect(
            text(control.subscribed(selectors("a:1"))) == """
                event: subscribed
                data: {"resources":["a:1"]}\n\n
                """)
        #expect(
            text(control.presence(resource("post:1"), count: 2)) == """
                event: presence
                data: {"resource":"post:1","count":2}\n\n
                """)
    }

    @Test(arguments: [(ClosingReason.shutdown, "shutdown"), (.slow, "slow")])
    func `say why a stream ends and when to come back`(reason: ClosingReason, word: String) {
        #expect(
            text(control.closing(reason, retry: 1_234)) == """
                retry: 1234
                event: closing
                data: {"reason":"\(word)","retry":1234}\n\n
                """)
    }

    private func text(_ block: [UInt8]) -> String { String(decoding: block, as: UTF8.self) }
}
