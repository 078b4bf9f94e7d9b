import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The write-ahead log` {
    private let folder = Folder()

    private func open(
        _ folder: Folder, preparesWAL: Bool = true
    ) throws -> EventStore {
        try EventStore.open(
            directory: folder.path, synchronous: preparesWAL ? .full : .off, index: .small,
            preparesWAL: preparesWAL)
    }

    /// Lets the log grow to about so many times 200 kB, all in one go.
    private func grow(_ store: EventStore, _ count: Int) throws {
        try fill(store, count, data: "\"" + String(repeating: "x", count: 200_000) + "\"")
    }

    private func fill(_ store: EventStore, _ count: Int, data: String = "null") throws {
        for _ in 0..<count {
            _ = try store.append(
                [[NewEvent("a:1", data: data)]], at: 1, retention: .all)
        }
    }

    @Test func `has its length before the first commit, and commits leave it so`() throws {
        let store = try open(folder)
        defer { store.close() }
        let length = folder.logSize
        #expect(length >= WriteAheadLog.prepared)
        #expect(store.preparationError == nil)
        #expect(folder.fileSize < 1 << 20, "nothing of it is the database's")
        try fill(store, 300)
        #expect(!store.isCheckpointDue)
        for _ in 0..<100 {
            try fill(store, 1, data: "\"" + String(repeating: "x", count: 200_000) + "\"")
            if store.isCheckpointDue { #expect(store.checkpoint() == .complete) }
        }
        #expect(folder.logSize == length)
        #expect(folder.fileSize > 8 << 20)
    }

    @Test func `is not made longer by each start, and gone after a clean stop`() throws {
        let store = try open(folder)
        let length = folder.logSize
        let killed = folder.copy()
        store.close()
        #expect(folder.logSize == 0)
        let next = try open(killed)
        #expect(killed.logSize == length)
        next.close()
    }

    @Test func `has what was committed, and nothing else, when the hub is killed`() throws {
        let store = try open(folder)
        defer { store.close() }
        for count in [0, 1, 1, 20, 300] {
            try fill(store, count)
            let killed = folder.copy()
            let next = try open(killed)
            #expect(next.head == store.head)
            #expect(try next.database.text("PRAGMA integrity_check") == "ok")
            #expect(
                try next.database.integer(
                    "SELECT count(*) FROM sqlite_schema WHERE name = 'preparation'") == 0)
            try fill(next, 1)
            next.close()
        }
    }

    @Test func `is left alone for whoever does not ask`() throws {
        let store = try open(folder, preparesWAL: false)
        defer { store.close() }
        #expect(folder.logSize < 1 << 20)
    }

    @Test func `is prepared only where there is plenty of room`() {
        let enough = WriteAheadLog.room
        #expect(storeError { try WriteAheadLog.checkRoom(free: enough) } == nil)
        #expect(storeError { try WriteAheadLog.checkRoom(free: enough - 1) }?.kind == .full)
        #expect(storeError { try WriteAheadLog.checkRoom(free: 0) } != nil, "nobody knows how much")
    }

    @Test func `is cut off when it has grown very long, at once but not to nothing`() throws {
        let store = try open(folder, preparesWAL: false)
        defer { store.close() }
        try grow(store, 350)
        #expect(folder.logSize > WriteAheadLog.maximumBytes)
        #expect(store.isCheckpointDue)
        #expect(store.checkpoint() == .complete)
        #expect(!store.isCheckpointDue)
        #expect(folder.logSize == WriteAheadLog.maximumBytes)
        #expect(folder.fileSize > 64 << 20)
        #expect(store.head == 350, "that took no event")
    }

    @Test func `is brought into the file once the reader in the way has gone`() throws {
        let store = try open(folder, preparesWAL: false)
        defer { store.close() }
        let reader = try Database(path: folder.file, readOnly: true)
        defer { reader.close() }
        try reader.read { () throws(LogUnavailable) in
            _ = try reader.integer("SELECT count(*) FROM events")
            do { try grow(store, 100) } catch { Issue.record(error) }
            #expect(store.checkpoint() == .incomplete)
            #expect(!store.isCheckpointDue, "nothing came since")
            do { try grow(store, 10) } catch { Issue.record(error) }
            #expect(store.isCheckpointDue, "it is not tried again at each commit")
        }
        #expect(folder.fileSize < 18 << 20)
        #expect(store.checkpoint() == .complete)
        #expect(folder.fileSize > 18 << 20)
    }

    @Test func `is brought into the file beside the writer, and used from its beginning`() throws {
        let store = try open(folder, preparesWAL: false)
        defer { store.close() }
        let checkpointer = try Checkpointer.open(
            directory: folder.path, synchronous: .off, progress: store.progress)
        defer { checkpointer.close() }
        for _ in 0..<3 {
            try grow(store, 90)
            #expect(store.isCheckpointDue)
            let size = folder.fileSize
            #expect(checkpointer.checkpoint() == .complete)
            #expect(folder.fileSize > size + 17 << 20)
            try fill(store, 1)
            #expect(!store.isCheckpointDue)
        }
        #expect(folder.logSize < 20 << 20)
    }

    @Test func `leaves to the writer what came beside the checkpointer`() throws {
        let store = try open(folder, preparesWAL: false)
        defer { store.close() }
        let checkpointer = try Checkpointer.open(
            directory: folder.path, synchronous: .off, progress: store.progress)
        defer { checkpointer.close() }
        let reader = try Database(path: folder.file, readOnly: true)
        defer { reader.close() }
        try grow(store, 90)
        try reader.read { () throws(LogUnavailable) in
            _ = try reader.integer("SELECT count(*) FROM events")
            do { try grow(store, 5) } catch { Issue.record(error) }
            #expect(checkpointer.checkpoint() == .incomplete)
        }
        #expect(store.isCheckpointDue)
        let size = folder.fileSize
        #expect(size > 17 << 20)
        #expect(store.checkpoint() == .complete)
        #expect(!store.isCheckpointDue)
        #expect(folder.fileSize > size)
    }

    @Test func `is left as it is by a checkpointer that a reader is in the way of`() throws {
        let store = try open(folder, preparesWAL: false)
        defer { store.close() }
        let checkpointer = try Checkpointer.open(
            directory: folder.path, synchronous: .off, progress: store.progress)
        defer { checkpointer.close() }
        let reader = try Database(path: folder.file, readOnly: true)
        defer { reader.close() }
        try reader.read { () throws(LogUnavailable) in
            _ = try reader.integer("SELECT count(*) FROM events")
            do { try grow(store, 100) } catch { Issue.record(error) }
            #expect(checkpointer.checkpoint() == .incomplete)
        }
        #expect(folder.fileSize < 1 << 20)
    }
}
