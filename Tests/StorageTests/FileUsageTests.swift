import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `What is known of the use of the file` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    /// Whether more than `bytes` may be in use, without a look.
    private func mayExceed(_ bytes: Int) -> Bool {
        store.usage.mayExceed(bytes, pagesWritten: store.database.pagesWritten)
    }

    @Test func `is never less than what is in use, whatever is done`() throws {
        var generator = SeededNumbers(seed: 7)
        _ = try store.usedBytes()
        var looks = 0
        for step in 0..<600 {
            fixture.now += 1_000
            fixture.retention = .count(Int.random(in: 20...200, using: &generator))
            let size = Int.random(in: 1...12_000, using: &generator)
            let data = "\"" + String(repeating: "x", count: size) + "\""
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                _ = try store.append(
                    [
                        .change { records throws(LogUnavailable) in
                            let media = MediaRecord(
                                id: "m\(step)", type: "image/png",
                                bytes: [UInt8](repeating: 1, count: size))
                            try records.media.insert(media)
                            return []
                        }
                    ], at: fixture.now, retention: .all)
            case 1: try fixture.pruneAll(.count(10))
            case 2: try fixture.reopen()
            case 3:
                #expect(
                    storeError {
                        try store.write(at: fixture.now, retention: .all) {
                            transaction throws(LogUnavailable) in
                            _ = try transaction.append(NewEvent("a:1", data: data))
                            throw LogUnavailable(.full, message: "undone")
                        }
                    } != nil)
            default:
                let name = "a:\(Int.random(in: 0..<50, using: &generator))"
                let isRetained = Bool.random(using: &generator)
                try fixture.append(NewEvent(name, data: data, isRetained: isRetained))
            }
            let known = store.usage
            let written = store.database.pagesWritten
            let used = try store.usedBytes()
            #expect(known.mayExceed(used - 1, pagesWritten: written), "step \(step)")
            // One look in twenty counts, so that much is done between two.
            if step % 20 == 0 { looks += 1 } else { store.usage = known }
        }
        #expect(looks == 30)
    }

    @Test func `needs no look while there is plenty of room`() throws {
        try fixture.append(NewEvent("a:1"))
        _ = try store.usedBytes()
        for _ in 0..<1_000 { try fixture.append(NewEvent("a:1")) }
        #expect(!mayExceed(1 << 32))
        #expect(mayExceed(1 << 16))
    }

    @Test func `is not what a transaction saw that failed`() throws {
        let data = "\"" + String(repeating: "x", count: 10_000) + "\""
        for _ in 0..<100 { try fixture.append(NewEvent("a:1", data: data)) }
        // Without its index the store cannot take the sixth event.
        for part in 0..<EventIndex.partCount {
            try store.database.execute("DROP TABLE event_index_\(part)")
        }
        let used = try store.usedBytes()
        let error = storeError {
            try store.write(at: fixture.now, retention: .bytes(1)) {
                transaction throws(LogUnavailable) in
                try store.database.execute("DELETE FROM events WHERE seq < 100")
                for _ in 0..<6 { _ = try transaction.append(NewEvent("a:1")) }
            }
        }
        #expect(error != nil)
        #expect(mayExceed(used / 2), "the events are still there")
        #expect(try store.usedBytes() == used)
    }

    @Test func `outlasts SQLite's count, which begins again`() {
        var usage = FileUsage(pageSize: 4096)
        #expect(usage.mayExceed(.max, pagesWritten: 0), "nothing is known")
        usage.note(1_000_000, pagesWritten: 0x7FFF_FFFE)
        #expect(!usage.mayExceed(1_000_000, pagesWritten: 0x7FFF_FFFE))
        #expect(!usage.mayExceed(1_000_000 + 3 * 4096, pagesWritten: 1))
        #expect(usage.mayExceed(1_000_000 + 3 * 4096 - 1, pagesWritten: 1))
        #expect(usage.mayExceed(.max, pagesWritten: 0x7FFF_FFFD), "nearly a whole round")
        usage.note(1_000_000, pagesWritten: Int(Int32.max))
        #expect(!usage.mayExceed(1_000_000 + 4096, pagesWritten: Int(Int32.min)))
        #expect(usage.mayExceed(1_000_000 + 4095, pagesWritten: Int(Int32.min)))
        usage.forget()
        #expect(usage.mayExceed(.max, pagesWritten: 0))
    }
}
