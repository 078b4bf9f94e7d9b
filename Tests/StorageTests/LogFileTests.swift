import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A store as operators see it` {
    private let folder = Folder()

    private func store(_ events: [NewEvent] = []) throws -> EventStore {
        let store = try EventStore.open(
            directory: folder.path, synchronous: .off, index: .small)
        _ = try store.restore(events.map { RestoredEvent($0, at: 5) }, now: 10)
        return store
    }

    private func sequences(
        _ file: LogFile, _ selectors: String..., after cursor: UInt64 = 0, limit: Int = 3
    ) throws -> [UInt64] {
        var cursor = cursor
        var found: [UInt64] = []
        while true {
            let page = try file.page(after: cursor, matching: selectors, limit: limit)
            found += page.records.map(\.sequence)
            cursor = page.end
            if cursor >= page.head { return found }
        }
    }

    @Test func `is read page by page, by resources, kinds, or all of it`() throws {
        let events = (1...20).map { NewEvent("post:\($0 % 2)", "chat:\($0 % 5)") }
        let store = try store(events)
        defer { store.close() }
        let file = try LogFile(at: folder.path)
        defer { file.close() }
        #expect(try sequences(file) == Array(1...20))
        #expect(try sequences(file, after: 17) == [18, 19, 20])
        #expect(try sequences(file, "post:1", limit: 4) == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
        #expect(try sequences(file, "chat:0", "post:1", "chat:*", after: 15).count == 5)
        #expect(try sequences(file, "chat:0", "chat:1") == [1, 5, 6, 10, 11, 15, 16, 20])
        #expect(try sequences(file, "chat:9") == [])
        #expect(try file.cursor(beforeLast: 3, matching: []) == 17)
        #expect(try file.cursor(beforeLast: 3, matching: ["chat:0", "chat:1"]) == 14)
        #expect(try file.cursor(beforeLast: 99, matching: ["chat:0"]) == 0)
        #expect(try file.cursor(beforeLast: 0, matching: []) == 20)
    }

    @Test func `ends a page at its bytes`() throws {
        let data = "\"" + String(repeating: "x", count: 1000) + "\""
        let store = try store((0..<10).map { _ in NewEvent("a:1", data: data) })
        defer { store.close() }
        let file = try LogFile(at: folder.path)
        defer { file.close() }
        let page = try file.page(after: 0, matching: [], limit: 100, byteLimit: 2500)
        #expect(page.records.count == 3 && page.end == 3 && page.head == 10)
    }

    @Test func `is told in figures`() throws {
        let store = try store([
            NewEvent("post:1", isRetained: true), NewEvent("post:a:*", "chat:1", key: "k"),
            NewEvent("post:1", "chat:1", isRetained: true),
        ])
        defer { store.close() }
        let file = try LogFile(at: folder.path)
        defer { file.close() }
        let figures = try file.figures()
        #expect(figures.epoch == store.epoch && figures.oldest == 1 && figures.head == 3)
        #expect(figures.oldestTime == 5 && figures.newestTime == 5)
        #expect(figures.retainedCount == 2 && figures.keyCount == 1)
        #expect(figures.resourceCount == 3 && figures.kindCount == 2)
        #expect(file.version >= 1 && file.files.size > 0 && file.files.walSize > 0)
    }

    @Test func `says that it has changed, is held, or has been replaced`() throws {
        let store = try store()
        let file = try LogFile(at: folder.path)
        defer { file.close() }
        let change = try file.changeCount()
        #expect(try file.changeCount() == change)
        _ = try store.restore([RestoredEvent(NewEvent("a:1"), at: nil)], now: 10)
        #expect(try file.changeCount() != change)
        #expect(file.files.isHeld && !file.files.isReplaced)
        store.close()
        #expect(!file.files.isHeld)
        #expect(file.files.includes(folder.path + "/./martlet.db"))
        #expect(!file.files.includes(folder.path + "/martlet.lock"))
        unlinkFile(folder.file)
        #expect(file.files.isReplaced)
        #expect(storeError { _ = try LogFile(at: folder.path) }?.kind == .cannotOpen)
    }

    @Test func `asks for no lock that would be in a hub's way`() throws {
        try store().close()
        let files = try StoreFiles(at: folder.path)
        #expect(!files.isHeld)
        try store().close()
        unlinkFile(folder.path + "/martlet.lock")
        #expect(!files.isHeld)
    }

    @Test func `is found by its folder or its file, and not made`() throws {
        let error = storeError { _ = try LogFile(at: folder.path) }
        #expect(error?.description.contains(folder.file) == true)
        #expect(folder.fileSize == 0)
        folder.write([])
        #expect(storeError { _ = try LogFile(at: folder.path) }?.kind == .cannotOpen)
        #expect(folder.fileSize == 0)
        unlinkFile(folder.file)
        try store([NewEvent("a:1")]).close()
        for place in [folder.path, folder.path + "/", folder.file] {
            let file = try LogFile(at: place)
            #expect(try file.bounds() == (1, 1))
            file.close()
        }
    }
}
