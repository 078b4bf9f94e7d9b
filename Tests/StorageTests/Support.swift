import Glibc
import TestSupport
import Testing

@testable import Records
@testable import Storage

extension Folder {
    var file: String { path + "/" + EventStore.fileName }

    /// Bytes of the database file.
    var fileSize: Int { size(of: file) }

    /// Bytes of its write-ahead log.
    var logSize: Int { size(of: file + "-wal") }

    private func size(of path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    func write(_ bytes: [UInt8]) { write(bytes, to: file) }

    private func write(_ bytes: [UInt8], to path: String) {
        guard let stream = unsafe fopen(path, "w") else { preconditionFailure("cannot write") }
        _ = unsafe fwrite(bytes, 1, bytes.count, stream)
        unsafe fclose(stream)
    }

    func read() -> [UInt8] { read(file) }

    func read(_ path: String) -> [UInt8] {
        guard let stream = unsafe fopen(path, "r") else { return [] }
        defer { unsafe fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: size(of: path))
        let count = unsafe fread(&bytes, 1, bytes.count, stream)
        return Array(bytes.prefix(count))
    }

    /// The files as a hub that is killed now would leave them.
    func copy() -> Folder {
        let copy = Folder()
        for name in ["", "-wal"] { copy.write(read(file + name), to: copy.file + name) }
        return copy
    }

    /// Changes the file as another program would.
    func alter(_ sql: String) throws {
        let database = try Database(path: file)
        defer { database.close() }
        try database.execute(sql)
    }
}

extension IndexSizes {
    /// So small that a few events go through all parts of the index.
    static let small = IndexSizes(lag: 5, smallestPart: 12)
}

/// A store in a folder of its own, with one reader.
final class Fixture {
    let folder = Folder()
    private(set) var store: EventStore
    private(set) var reader: EventReader
    var now: Int64 = 1_000_000
    var retention = Retention.all

    init() throws {
        store = try EventStore.open(
            directory: folder.path, synchronous: .off, index: .small)
        reader = try EventReader.open(directory: folder.path)
    }

    deinit { close() }

    private func close() {
        reader.close()
        store.close()
    }

    /// What a restart of the hub does.
    func reopen() throws {
        close()
        store = try EventStore.open(
            directory: folder.path, synchronous: .off, index: .small)
        reader = try EventReader.open(directory: folder.path)
    }

    /// Stores one submission.
    @discardableResult
    func append(_ events: NewEvent...) throws -> [EventPlacement] {
        try append(events)
    }

    @discardableResult
    func append(_ events: [NewEvent]) throws -> [EventPlacement] {
        try store.append([events], at: now, retention: retention).placements[0]
    }

    /// Prunes until nothing is left to do; the steps it took.
    @discardableResult
    func pruneAll(_ retention: Retention, limit: Int = 500) throws -> [Int] {
        var steps: [Int] = []
        while true {
            let count = try store.prune(retention, now: now, limit: limit)
            guard count > 0 else { return steps }
            steps.append(count)
            guard steps.count < 10_000 else {
                Issue.record("pruning does not end")
                return steps
            }
        }
    }

    /// All kept events of `selectors` after `cursor`, in pages; `nil` when some are no longer kept.
    func events(
        _ selectors: String..., after cursor: UInt64 = 0, limit: Int = 100
    ) throws -> [UInt64]? {
        var cursor = cursor
        var found: [UInt64] = []
        while cursor < store.head {
            let page = try reader.page(
                after: cursor, upTo: store.head, selectors: selectors, limit: limit,
                byteLimit: 1 << 20)
            guard let page else { return nil }
            #expect(page.end > cursor, "a page that does not go on would be read for ever")
            found += page.records.map(\.sequence)
            cursor = page.end
        }
        return found
    }

    /// All state of `selectors`, in pages.
    func state(_ selectors: String..., limit: Int = 100) throws -> [EventRecord] {
        var found: [EventRecord] = []
        var cursor: UInt64 = 0
        while true {
            let page = try reader.state(
                selectors: selectors, after: cursor, upTo: store.head, limit: limit)
            found += page
            // As the hub does: a page that is not full is the last.
            guard page.count >= limit, let last = page.last else { return found }
            cursor = last.sequence
        }
    }
}

extension Retention {
    /// Keeps everything.
    static let all = Retention(age: 1 << 50, count: .max, bytes: .max)

    static func count(_ count: Int) -> Self { Self(age: 1 << 50, count: count, bytes: .max) }
    static func age(_ age: Int64) -> Self { Self(age: age, count: .max, bytes: .max) }
    static func bytes(_ bytes: Int) -> Self { Self(age: 1 << 50, count: .max, bytes: bytes) }
}

extension NewEvent {
    /// An event whose data is `text`.
    init(
        _ resources: String..., name: String = "update", data text: String = "null",
        isRetained: Bool = false, isTransient: Bool = false, coalesceKey: String? = nil,
        key: String? = nil
    ) {
        self.init(
            name: name, resources: resources, data: Array(text.utf8), isRetained: isRetained,
            isTransient: isTransient, coalesceKey: coalesceKey, key: key)
    }
}

extension EventRecord {
    var text: String { String(decoding: data, as: UTF8.self) }
}

/// The error that `body` throws.
func storeError(_ body: () throws -> Void) -> LogUnavailable? {
    do {
        try body()
        return nil
    } catch {
        return error as? LogUnavailable
    }
}

func unlinkFile(_ path: String) { unsafe unlink(path) }

func removeFolder(_ path: String) { unsafe rmdir(path) }

extension EventStore {
    /// Stores submissions of events in one transaction.
    func append(
        _ submissions: [[NewEvent]], at now: Int64, retention: Retention
    ) throws(LogUnavailable) -> (placements: [[EventPlacement]], at: Int64) {
        try write(at: now, retention: retention) { transaction throws(LogUnavailable) in
            var placements: [[EventPlacement]] = []
            for events in submissions { placements.append(try transaction.append(events)) }
            return (placements, transaction.at)
        }
    }

    /// Does all in one transaction.
    func append(
        _ writes: [Write], at now: Int64, retention: Retention
    ) throws(LogUnavailable) -> (outcomes: [WriteOutcome], at: Int64) {
        try write(at: now, retention: retention) { transaction throws(LogUnavailable) in
            var outcomes: [WriteOutcome] = []
            for write in writes {
                switch write {
                case .events(let events): outcomes.append(.stored(try transaction.append(events)))
                case .change(let change):
                    switch try transaction.change(change) {
                    case .success(let placements): outcomes.append(.stored(placements))
                    case .failure(let error): outcomes.append(.failed(error))
                    }
                }
            }
            return (outcomes, transaction.at)
        }
    }
}

extension RecordStore {
    /// The database that a test does to what the tables would not.
    var database: Database {
        guard let tables = self as? RecordTables else { preconditionFailure("other tables") }
        return tables.database
    }
}

/// What a transaction writes.
enum Write {
    case events([NewEvent])
    case change((any RecordStore) throws(LogUnavailable) -> [NewEvent])
}

/// What became of it.
enum WriteOutcome: Equatable {
    case stored([EventPlacement])
    case failed(LogUnavailable)
}

extension StoreTransaction {
    func append(_ events: [NewEvent]) throws(LogUnavailable) -> [EventPlacement] {
        var placements: [EventPlacement] = []
        for event in events { placements.append(try append(event)) }
        return placements
    }
}

extension NewEvent {
    var resources: [String] { names(in: resourceList) }
}

extension EventReader {
    /// The state at a time at which nothing has expired.
    func state(
        selectors: [String], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) throws -> [EventRecord] {
        try state(selectors: selectors, after: cursor, upTo: last, limit: limit, now: 0)
    }

    func states(
        selectors: [String]
    ) throws -> (head: UInt64, states: [(resource: String, record: EventRecord)]) {
        let found = try states(selectors: selectors, now: 0)
        return (found.head, found.states)
    }
}

extension EventStore {
    func restore(_ events: [RestoredEvent], now: Int64) throws -> [EventPlacement] {
        try restore(events.map(RestoredPart.event), now: now)
    }
}
