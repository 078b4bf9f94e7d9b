import Testing

@testable import Producers

@Suite struct `Parts side by side` {
    @Test func `show the first that is not done as it is written, and the others in their order`() {
        var parts = StepParts(count: 3)
        var shown: [UInt8] = []
        shown += parts.append("c", to: 2)
        shown += parts.append("a", to: 0)
        shown += parts.append("b", to: 1)
        #expect(String(decoding: shown, as: UTF8.self) == "a")
        shown += parts.finish(1)
        shown += parts.append("A", to: 0)
        shown += parts.append("C", to: 2)
        #expect(String(decoding: shown, as: UTF8.self) == "aA")
        shown += parts.finish(0)
        #expect(String(decoding: shown, as: UTF8.self) == "aAbcC")
        shown += parts.append("!", to: 2)
        shown += parts.finish(2)
        #expect(String(decoding: shown, as: UTF8.self) == "aAbcC!")
        #expect(parts.completed == 3 && parts.share == 1)
    }

    @Test func `are done by the share of each`() {
        var parts = StepParts(count: 4)
        #expect(parts.share == 0)
        _ = parts.finish(3)
        #expect(parts.share == 0.25 && parts.completed == 1)
        parts.add(tokens: 50, expecting: 100, to: 0)
        #expect(parts.share == 0.375)
        parts.add(tokens: 500, expecting: 100, to: 0)
        #expect(parts.share < 0.5, "what is not done is never whole")
        parts.report(0.1, of: 0)
        #expect(parts.share > 0.49, "it does not fall")
        #expect(StepParts(count: 0).share == 1)
    }
}
