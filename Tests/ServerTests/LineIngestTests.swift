import HTTP
import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `Lines of events` {
    private static let text = """
        {"resource":"a:1","data":"é"}\n\n  \t\r
        {"resource":"a:2","data":2}\r
        {"resource":"a:3","data":[ 3 ]}
        """

    @Test(arguments: 0...text.utf8.count)
    func `are read whole, cut at each byte, and byte by byte`(cut: Int) {
        let bytes = Array(Self.text.utf8)
        let pieces =
            cut == 0 ? bytes.map { [$0] } : [Array(bytes[..<cut]), Array(bytes[cut...])]
        let ingest = LineIngest()
        var read: [String] = []
        for piece in pieces {
            ingest.take(piece)
            read += publish(ingest)
        }
        ingest.finish()
        read += publish(ingest)
        #expect(read == ["a:1 \"é\"", "a:2 2", "a:3 [3]"])
        #expect(ingest.failure == nil)
        #expect(ingest.isOver && ingest.isFinished)
        #expect(ingest.published == 3)
    }

    @Test(arguments: [
        ("x", 1, 400), ("{\"resource\":\"a:1\"}\n", 1, 422), ("\n\n1\n", 3, 422),
        ("{\"resource\":\"a:1\",\"data\":1}\n{\n{\"resource\":\"a:2\",\"data\":1}\n", 2, 400),
        ("{\"resource\":\"a:1\",\"data\":1}\n[]\n", 2, 422),
        ("{\"resource\":\"a:1\",\"data\":1} {}\n", 1, 400),
        ("{\"resource\":\"a:1\",\n\"data\":1}\n", 1, 400),
    ])
    func `end at the first bad one, which is named; those before stand`(
        text: String, line: Int, status: Int
    ) {
        let ingest = LineIngest()
        ingest.take(Array(text.utf8))
        let good = publish(ingest)
        ingest.take(Array("{\"resource\":\"a:9\",\"data\":9}\n".utf8))
        ingest.finish()
        #expect(publish(ingest).isEmpty)
        #expect(good == (text.hasPrefix("{\"resource\":\"a:1\",\"data\":1}\n") ? ["a:1 1"] : []))
        #expect(ingest.failure?.line == line)
        #expect(ingest.failure?.status.code == status)
        #expect(ingest.published == good.count)
        #expect(ingest.isOver)
    }

    @Test func `may be none at all`() {
        let ingest = LineIngest()
        ingest.finish()
        #expect(ingest.isOver)
        #expect(ingest.nextBatch() == nil)
        #expect(ingest.failure == nil)
        #expect(ingest.published == 0)
    }

    @Test func `have the bounds of an event each, however long the body`() {
        let ingest = LineIngest()
        let data = String(repeating: "x", count: 262_142)
        let line = Array("{\"resource\":\"a:1\",\"data\":\"\(data)\"}\n".utf8)
        for round in 1...20 {
            ingest.take(line)
            #expect(publish(ingest).count == 1)
            #expect(ingest.published == round)
        }
        ingest.take(Array("{\"resource\":\"a:1\",\"data\":\"\(data)x\"}\n".utf8))
        #expect(ingest.failure?.status == .contentTooLarge)
        #expect(ingest.failure?.pointer == "/data")
        #expect(ingest.failure?.line == 21)
    }

    @Test func `are given up when one never ends`() {
        let ingest = LineIngest()
        ingest.take(Array("{\"resource\":\"a:1\",\"data\":1}\n".utf8))
        let piece = [UInt8](repeating: 32, count: 65_536)
        var pieces = 0
        while ingest.failure == nil, pieces < 100 {
            ingest.take(piece)
            pieces += 1
        }
        #expect(pieces < 10)
        #expect(ingest.failure?.status == .contentTooLarge)
        #expect(ingest.failure?.line == 2)
    }

    @Test func `gather while a batch is on its way, and keep their order`() {
        let ingest = LineIngest()
        ingest.take(lines(1...2))
        #expect(ingest.nextBatch()?.map(\.text) == ["1", "2"])
        ingest.take(lines(3...3))
        ingest.take(lines(4...5))
        #expect(ingest.nextBatch() == nil)
        #expect(ingest.published == 0)
        ingest.finish()
        #expect(!ingest.isOver)
        ingest.didPublish()
        #expect(ingest.published == 2)
        #expect(!ingest.isOver)
        #expect(ingest.nextBatch()?.map(\.text) == ["3", "4", "5"])
        ingest.didPublish()
        #expect(ingest.published == 5)
        #expect(ingest.isOver)
    }

    @Test func `are full when much has gathered, until it is on its way`() {
        let byCount = LineIngest()
        byCount.take(lines(1...10_000))
        #expect(byCount.isFull)
        #expect(byCount.nextBatch()?.count == 10_000)
        #expect(!byCount.isFull)
        let bySize = LineIngest()
        let data = String(repeating: "x", count: 250_000)
        for _ in 0..<5 { bySize.take(Array("{\"resource\":\"a:1\",\"data\":\"\(data)\"}\n".utf8)) }
        #expect(bySize.isFull)
        #expect(bySize.nextBatch()?.count == 5)
        #expect(!bySize.isFull)
    }

    @Test func `end when a batch is refused, and nothing after it is published`() {
        let ingest = LineIngest()
        ingest.take(lines(1...2))
        _ = ingest.nextBatch()
        ingest.didPublish()
        ingest.take(lines(3...4))
        _ = ingest.nextBatch()
        ingest.take(lines(5...6))
        ingest.didRefuse(Problem(.serviceUnavailable, "The disk is full.", retryAfter: 1))
        #expect(ingest.nextBatch() == nil)
        #expect(ingest.isOver)
        #expect(ingest.published == 2)
        #expect(ingest.failure?.status == .serviceUnavailable)
        ingest.take(lines(7...7))
        ingest.finish()
        #expect(ingest.nextBatch() == nil)
    }

    private func lines(_ numbers: ClosedRange<Int>) -> [UInt8] {
        numbers.flatMap { Array("{\"resource\":\"a:1\",\"data\":\($0)}\n".utf8) }
    }

    /// Publishes what has gathered; each event's resource and data.
    private func publish(_ ingest: LineIngest) -> [String] {
        guard let batch = ingest.nextBatch() else { return [] }
        ingest.didPublish()
        return batch.map { "\($0.resources[0].name) \($0.text)" }
    }
}
