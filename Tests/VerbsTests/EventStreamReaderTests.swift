import Testing

@testable import Verbs

@Suite(.timeLimit(.minutes(1)))
struct `The reader of event streams` {
    private static let text =
        "retry: 5\r\n\r\n: comment\n\nevent: e\ndata: 1\ndata: 2\nid: a-1\n\nid: x"

    @Test func `reads the same blocks wherever the text is cut`() {
        let bytes = Array(Self.text.utf8)
        var whole = EventStreamReader()
        let blocks = whole.append(bytes)
        #expect(blocks.map(\.retry) == [5, nil])
        #expect(blocks.map(\.id) == [nil, "a-1"])
        #expect(blocks.last?.data == Array("1\n2".utf8))
        for cut in bytes.indices {
            var reader = EventStreamReader()
            let first = reader.append(Array(bytes[..<cut]))
            let second = reader.append(Array(bytes[cut...]))
            #expect(first + second == blocks)
        }
    }
}
