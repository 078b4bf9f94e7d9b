import Reactor
import Telemetry
import TestSupport
import Testing

@testable import Hub

/// A view of the resources with these names.
private func view(_ names: Set<String>) -> EventView {
    EventView(naming: { names.contains($0.name) })
}

private func view(_ names: String...) -> EventView { view(Set(names)) }

@Suite(.timeLimit(.minutes(5)))
struct `A form of an event` {
    private let encoding = EventEncoding(epoch: epoch)
    private let time = Timestamp(milliseconds: 1_795_222_923_456)
    private let ledger = FormLedger()

    private func frame(_ resources: String..., sequence: UInt64? = 7) -> EventFrame {
        encoding.frame(publication(resources), sequence: sequence, at: time)
    }

    private func publication(_ resources: [String]) -> Publication {
        Publication(
            resources: resources.map(resource), name: EventName(known: "note"),
            data: Array(#"{"resources":["x:1"],"at":"y"}"#.utf8), isRetained: false,
            isTransient: false, coalesceKey: nil, key: nil, mark: nil)
    }

    @Test(arguments: [
        (["a:1"], #""a:1""#), (["b:2"], #""b:2""#), ([#"c:"3"#], #""c:\"3""#),
        (["a:1", #"c:"3"#], #""a:1","c:\"3""#), ([], ""), (["z:9"], ""),
    ])
    func `is encoded as an event with only the visible resources`(
        visible: [String], list: String
    ) {
        let whole = frame("a:1", "b:2", #"c:"3"#)
        let form = whole.form(for: view(Set(visible)), counting: ledger)
        let expected = String(decoding: whole.members, as: UTF8.self).replacing(
            #""a:1","b:2","c:\"3""#, with: list)
        #expect(String(decoding: form.members, as: UTF8.self) == expected)
        #expect(form.blockText == "event: note\ndata: {\(expected)}\nid: \(epoch)-7\n\n")
        #expect(form.resources == whole.resources)
        #expect(form.sequence == 7)
        #expect(form.name == "note")
    }

    @Test func `is the frame itself where all is visible`() {
        let whole = frame("a:1", "b:2")
        #expect(whole.form(for: view("a:1", "b:2"), counting: ledger) === whole)
        #expect(ledger.byteCount == 0)
    }

    @Test func `is made once for all with the same view, and not again of itself`() {
        let whole = frame("a:1", "b:2", "c:3")
        let first = whole.form(for: view("a:1"), counting: ledger)
        #expect(whole.form(for: view("a:1", "q:1"), counting: ledger) === first)
        #expect(whole.form(for: view("b:2"), counting: ledger) !== first)
        #expect(first.form(for: view("b:2"), counting: ledger) === first)
    }

    @Test func `counts in the ledger as long as its frame lives, if the tail keeps that`() {
        for isKept in [true, false] {
            var whole: EventFrame? = frame("a:1", "b:2")
            if isKept { whole?.keep() }
            let bytes = whole?.form(for: view("a:1"), counting: ledger).byteCount ?? 0
            #expect(bytes > 0)
            #expect(ledger.byteCount == (isKept ? bytes : 0))
            whole = nil
            #expect(ledger.byteCount == 0)
        }
    }

    @Test func `of a page or of state leaves the tail as it is`() {
        var tail = LogTail(limits: .init(count: 100, bytes: 2_000), forms: ledger)
        tail.append(frame("a:1", "b:2", sequence: 1), at: time)
        let others = (1...100).map { _ in frame("a:1", "b:2") }
        for frame in others { _ = frame.form(for: view("a:1"), counting: ledger) }
        tail.append(frame("a:1", "b:2", sequence: 2), at: time)
        #expect(tail.first == 1)
    }

    @Test func `of a retained event keeps its id and mark of state`() {
        let whole = encoding.stateFrame(publication(["a:1", "b:2"]), sequence: 7, at: time)
        let form = whole.form(for: view("b:2"), counting: ledger)
        #expect(form.content == .control)
        #expect(form.blockText == whole.blockText.replacing(#"["a:1","b:2"]"#, with: #"["b:2"]"#))
    }

    @Test func `makes the tail give up frames sooner`() {
        var tail = LogTail(
            limits: .init(count: 100, bytes: 4 * frame("a:1", "b:2").byteCount), forms: ledger)
        for sequence in 1...3 as ClosedRange<UInt64> {
            tail.append(frame("a:1", "b:2", sequence: sequence), at: time)
        }
        #expect(tail.first == 1)
        let page = tail.page(after: 0, upTo: 3, matching: selectors("a:1"), limit: 9)
        for frame in page?.frames ?? [] { _ = frame.form(for: view("a:1"), counting: ledger) }
        #expect(tail.first == 1)
        tail.append(frame("a:1", "b:2", sequence: 4), at: time)
        #expect(tail.first > 1)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A shard with streams that may not see all` {
    private let ledger = FormLedger()
    private let frame = EventEncoding(epoch: epoch).frame(
        Publication("a:1", "b:2"), sequence: 1, at: Timestamp(milliseconds: 0))

    private func open(_ shard: Shard, _ view: EventView, phase: Subscriber.Phase = .live)
        -> Subscriber
    {
        let subscriber = Subscriber(phase: phase)
        subscriber.view = view
        shard.add(subscriber, to: selectors("a:1"))
        return subscriber
    }

    @Test func `sends each the form for its view, and shares it`() {
        let shard = Shard(limits: OutboxLimits(count: 9, bytes: 1 << 20), ledger: ledger)
        let free = shard.open("a:1")
        let (first, second) = (open(shard, view("a:1")), open(shard, view("a:1")))
        let both = open(shard, view("a:1", "b:2"))
        shard.distribute(frame)
        #expect(shard.pool.count == 2)
        #expect(shard.sendText(to: free).contains(#"["a:1","b:2"]"#))
        #expect(shard.sendText(to: both).contains(#"["a:1","b:2"]"#))
        #expect(shard.sendText(to: first).contains(#"["a:1"],"#))
        #expect(shard.sendText(to: second).contains(#"["a:1"],"#))
        #expect(shard.pool.count == 0)
        #expect(shard.counters.delivered == 4)
    }

    @Test func `sends pages in the form of the stream's view`() {
        let shard = Shard(limits: OutboxLimits(count: 9, bytes: 1 << 20), ledger: ledger)
        let subscriber = open(shard, view("a:1"), phase: .behind(cursor: 0))
        shard.position = 1
        shard.queue([frame], upTo: 1, for: subscriber)
        #expect(shard.sendText(to: subscriber).contains(#"["a:1"],"#))
    }

    @Test func `holds back forms while a snapshot is sent`() {
        let shard = Shard(limits: OutboxLimits(count: 9, bytes: 1 << 20), ledger: ledger)
        let subscriber = open(shard, view("a:1"))
        shard.requestSnapshot(of: selectors("a:1"), for: subscriber)
        shard.distribute(frame)
        shard.queue([StateFrame](), isLast: true, for: subscriber)
        #expect(shard.sendText(to: subscriber).contains(#"["a:1"],"#))
        #expect(shard.pool.count == 0)
    }
}
