import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `Words that wait for the index` {
    private var waiting = UnindexedWords()

    private mutating func append(_ sequence: UInt64, _ list: String) {
        waiting.append(sequence, list: Array(list.utf8).span)
    }

    private func words(after cursor: UInt64, upTo last: UInt64) throws -> [String] {
        var found: [String] = []
        try waiting.forEach(after: cursor, upTo: last) { sequence, words throws(LogUnavailable) in
            var bytes: [UInt8] = []
            for index in words.indices { bytes.append(words[index]) }
            found.append("\(sequence) \(String(decoding: bytes, as: UTF8.self))")
        }
        return found
    }

    @Test mutating func `are those of each event, with its kinds`() throws {
        append(7, "post:1")
        append(8, "post:2,User:3")
        append(9, "plain")
        #expect(waiting.has(after: 6, upTo: 9) && waiting.has(after: 7, upTo: 8))
        #expect(
            try words(after: 6, upTo: 9) == [
                "7 post:1 post:* ", "8 post:2 post:* ~55ser:3 ~55ser:* ", "9 plain plain* ",
            ])
        #expect(try words(after: 7, upTo: 8) == ["8 post:2 post:* ~55ser:3 ~55ser:* "])
    }

    @Test mutating func `are not there for what came before`() {
        append(7, "post:1")
        #expect(!waiting.has(after: 5, upTo: 7))
        #expect(!waiting.has(after: 6, upTo: 8))
    }

    @Test mutating func `are those of the event that has a sequence at last`() throws {
        for sequence in UInt64(7)...10 { append(sequence, "old:\(sequence)") }
        append(9, "new:9")
        #expect(!waiting.has(after: 6, upTo: 10))
        append(10, "new:10")
        #expect(
            try words(after: 6, upTo: 10) == [
                "7 old:7 old:* ", "8 old:8 old:* ", "9 new:9 new:* ", "10 new:10 new:* ",
            ])
        append(7, "newer:7")
        #expect(try words(after: 0, upTo: 99) == ["7 newer:7 newer:* "])
    }

    @Test(arguments: [3, 6, 12]) mutating func `begin anew where one is missing`(
        sequence: UInt64
    ) throws {
        for earlier in UInt64(7)...10 { append(earlier, "a:1") }
        append(sequence, "b:2")
        #expect(waiting.has(after: sequence - 1, upTo: sequence))
        #expect(!waiting.has(after: sequence - 2, upTo: sequence))
        #expect(try words(after: 0, upTo: 99) == ["\(sequence) b:2 b:* "])
    }

    @Test mutating func `may have gaps when they were read from a damaged log`() throws {
        waiting.removeAll(after: 4)
        waiting.add(5, Array("a:1".utf8).span)
        waiting.add(9, Array("a:2".utf8).span)
        #expect(waiting.has(after: 4, upTo: 9))
        #expect(try words(after: 5, upTo: 9) == ["9 a:2 a:* "])
    }

    @Test mutating func `go on behind what was indexed`() throws {
        append(7, "a:1")
        waiting.removeAll(after: 7)
        append(8, "a:2")
        #expect(waiting.has(after: 7, upTo: 8))
        #expect(try words(after: 7, upTo: 8) == ["8 a:2 a:* "])
    }
}
