import Telemetry
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `State in memory` {
    private func sequences(
        _ state: inout MemoryState, _ names: String..., at now: Int64
    ) -> [UInt64] {
        state.events(of: names.map(selector), at: Timestamp(now)).map(\.event.sequence).sorted()
    }

    @Test func `is out of sight once it is older than it may be`() {
        var state = MemoryState(age: 100)
        state.keep(Publication("a:1"), sequence: 1, at: Timestamp(0))
        state.keep(Publication("a:2", "b:1"), sequence: 2, at: Timestamp(10))
        #expect(sequences(&state, "a:*", "b:1", at: 100) == [1, 2, 2])
        #expect(sequences(&state, "a:*", "b:1", at: 101) == [2, 2])
        #expect(sequences(&state, "a:*", "b:1", at: 111) == [])
        #expect(state.count == 0)
        #expect(!state.mayHold(selectors("a:1", "a:*")))
    }

    @Test func `goes by the newest of its name, and each name by itself`() {
        var state = MemoryState(age: 100)
        state.keep(Publication("a:1", name: "old"), sequence: 1, at: Timestamp(0))
        state.keep(Publication("a:1", name: "new"), sequence: 2, at: Timestamp(0))
        state.keep(Publication("a:1", name: "new"), sequence: 3, at: Timestamp(90))
        #expect(sequences(&state, "a:1", at: 101) == [3])
        #expect(sequences(&state, "a:1", at: 190) == [3])
        #expect(sequences(&state, "a:1", at: 191) == [])
    }

    @Test func `that is replaced again and again is never lost, nor kept twice`() {
        var state = MemoryState(age: 100)
        for sequence in 1...10_000 as ClosedRange<UInt64> {
            let now = Int64(sequence) * 7
            state.keep(Publication("a:1"), sequence: sequence, at: Timestamp(now))
            state.forget(at: Timestamp(now))
            #expect(sequences(&state, "a:1", at: now) == [sequence])
            #expect(state.count == 1)
            #expect(state.waitingCount == 1)
        }
        state.forget(at: Timestamp(70_101))
        #expect(state.count == 0)
        #expect(state.waitingCount == 0)
    }

    @Test func `that has a time of its own is out of sight then, and leaves nothing behind`() {
        var state = MemoryState(age: nil)
        for sequence in 1...20_000 as ClosedRange<UInt64> {
            var event = Publication("a:\(sequence)")
            event.lifetime = sequence.isMultiple(of: 2) ? 100 : 1_000
            let now = Int64(sequence)
            state.keep(event, sequence: sequence, at: Timestamp(now))
            state.forget(at: Timestamp(now))
            #expect(sequences(&state, "a:\(sequence)", at: now + 99) == [sequence])
        }
        #expect(state.count < 4_000)
        for _ in 0..<10_000 { state.forget(at: Timestamp(30_000)) }
        #expect(state.count == 0)
    }

    @Test func `that is replaced goes by the time of the newer one`() {
        var state = MemoryState(age: nil)
        var short = Publication("a:1")
        short.lifetime = 10
        state.keep(short, sequence: 1, at: Timestamp(0))
        state.keep(Publication("a:1"), sequence: 2, at: Timestamp(5))
        for _ in 0..<10 { state.forget(at: Timestamp(50)) }
        #expect(sequences(&state, "a:1", at: 50) == [2])
        state.keep(short, sequence: 3, at: Timestamp(50))
        #expect(sequences(&state, "a:1", at: 59) == [3])
        #expect(sequences(&state, "a:1", at: 60) == [])
        for _ in 0..<10 { state.forget(at: Timestamp(60)) }
        #expect(state.count == 0)
    }

    @Test func `that is forgotten and comes again waits for its looks once`() {
        var state = MemoryState(age: 100)
        for sequence in 1...1_000 as ClosedRange<UInt64> {
            state.keep(Publication("a:1"), sequence: sequence, at: Timestamp(Int64(sequence)))
            state.forget(resource("a:1"))
            state.forget(at: Timestamp(Int64(sequence)))
            #expect(state.count == 0)
        }
        state.keep(Publication("a:1"), sequence: 1_001, at: Timestamp(1_001))
        for _ in 0..<20 { state.forget(at: Timestamp(1_101)) }
        #expect(state.waitingCount == 1)
        #expect(sequences(&state, "a:1", at: 1_101) == [1_001])
    }

    @Test func `of ever new resources passes, and leaves nothing behind`() {
        var state = MemoryState(age: 1_000)
        var most = 0
        for sequence in 1...100_000 as ClosedRange<UInt64> {
            let now = Timestamp(Int64(sequence))
            state.keep(Publication("a:\(sequence)", "b:\(sequence)"), sequence: sequence, at: now)
            state.forget(at: now)
            if sequence % 1_000 == 0 { most = max(most, state.count) }
        }
        #expect(most == 2 * 1_001)
    }

    @Test func `that has aged in silence goes in steps, and is not seen meanwhile`() {
        var state = MemoryState(age: 100)
        for sequence in 1...10_000 as ClosedRange<UInt64> {
            state.keep(Publication("a:\(sequence)"), sequence: sequence, at: Timestamp(0))
        }
        #expect(sequences(&state, "a:*", at: 1_000).count == 0)
        #expect(state.count > 9_000, "nobody waits for all of it")
        for _ in 0..<100 { state.forget(at: Timestamp(1_000)) }
        #expect(state.count == 0)
    }

    @Test func `is for ever where there is no age`() {
        var state = MemoryState(age: nil)
        state.keep(Publication("a:1"), sequence: 1, at: Timestamp(0))
        #expect(sequences(&state, "a:1", at: .max) == [1])
        #expect(state.waitingCount == 0)
    }

    @Test(arguments: 1...8)
    func `is what a list of all retained events would give`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var state = MemoryState(age: 300)
        var model: [String: (sequence: UInt64, at: Int64)] = [:]
        var now: Int64 = 0
        for sequence in 1...5_000 as ClosedRange<UInt64> {
            let isQuiet = Int.random(in: 0..<200, using: &numbers) == 0
            now += Int64.random(in: 0...(isQuiet ? 700 : 4), using: &numbers)
            // Some are replaced all the time, most of them now and then.
            let bound = [3, 300].randomElement(using: &numbers) ?? 3
            let id = "a:\(Int.random(in: 0..<bound, using: &numbers))"
            let name = ["x", "y"].randomElement(using: &numbers) ?? "x"
            state.keep(Publication(id, name: name), sequence: sequence, at: Timestamp(now))
            state.forget(at: Timestamp(now))
            model["\(id) \(name)"] = (sequence, now)
            model = model.filter { $0.value.at >= now - 300 }
            let wanted = model.values.map(\.sequence).sorted()
            try #require(sequences(&state, "a:*", at: now) == wanted)
            let of = model.filter { $0.key.hasPrefix("a:1 ") }.values.map(\.sequence).sorted()
            try #require(sequences(&state, "a:1", at: now) == of)
            try #require(state.waitingCount == state.count)
        }
    }
}
