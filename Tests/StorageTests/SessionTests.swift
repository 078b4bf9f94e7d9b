import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The mark of a run` {
    private let folder = Folder()

    private func open(_ synchronous: Synchronous) throws -> EventStore {
        try EventStore.open(directory: folder.path, synchronous: synchronous)
    }

    /// A file as a run leaves it that is cut off, perhaps together with the machine.
    private func crash(_ synchronous: Synchronous, boot: String?) throws -> String {
        let store = try open(synchronous)
        let mark = try store.database.text("SELECT value FROM meta WHERE key = 'session'") ?? ""
        let epoch = store.epoch
        store.close()
        let words = mark.split(separator: " ")
        let left = [words.first.map(String.init), words.count > 1 ? boot ?? String(words[1]) : nil]
        let value = left.compactMap { $0 }.joined(separator: " ")
        try folder.alter("INSERT INTO meta VALUES ('session', '\(value)')")
        return epoch
    }

    @Test(arguments: [Synchronous.full, .normal, .off])
    func `keeps the epoch over a clean stop`(synchronous: Synchronous) throws {
        let store = try open(synchronous)
        let epoch = store.epoch
        store.close()
        let again = try open(synchronous)
        #expect(again.epoch == epoch)
        again.close()
    }

    @Test(arguments: [Synchronous.full, .normal, .off])
    func `keeps the epoch over a crash of the process`(synchronous: Synchronous) throws {
        let epoch = try crash(synchronous, boot: nil)
        let again = try open(synchronous)
        #expect(again.epoch == epoch)
        again.close()
    }

    @Test func `keeps the epoch over a crash of the machine when each commit was flushed`() throws {
        let epoch = try crash(.full, boot: "another")
        let again = try open(.off)
        #expect(again.epoch == epoch)
        again.close()
    }

    @Test(arguments: [Synchronous.normal, .off])
    func `gives the log a new epoch when a crash of the machine may have taken commits`(
        synchronous: Synchronous
    ) throws {
        let epoch = try crash(synchronous, boot: "another")
        let again = try open(.full)
        let new = again.epoch
        #expect(new != epoch)
        again.close()
        let third = try open(.full)
        #expect(third.epoch == new, "once")
        third.close()
    }
}
