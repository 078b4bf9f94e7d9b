internal import Synchronization

/// How long the write-ahead log is and how much of it is in the database; for any thread.
///
/// The writer notes each commit. A checkpoint notes what it has brought into the database while it
/// still keeps the log from being begun anew, so the two numbers are of the same use of the log.
package final class WALProgress: Sendable {
    private let length = Atomic(0)
    private let copied = Atomic(0)
    private let foreign = Atomic(0)

    package init() {}

    /// Pages in use; the file may be longer.
    var pages: Int { length.load(ordering: .acquiring) }

    /// Bytes in use; the file may be longer.
    package var bytes: Int { pages * WriteAheadLog.frameBytes }

    /// How often the log was begun anew without a checkpoint of this process: another program has
    /// done one.
    package var foreignCheckpoints: Int { foreign.load(ordering: .relaxed) }

    /// Pages that are not in the database yet.
    var waiting: Int { max(0, pages - copied.load(ordering: .acquiring)) }

    /// A commit has left the log with so many pages; fewer than before mean that it was begun anew.
    func noteCommit(_ pages: Int) {
        let before = length.exchange(pages, ordering: .acquiringAndReleasing)
        guard pages < before else { return }
        // SQLite begins a log anew only when all of it is in the database.
        if copied.exchange(0, ordering: .acquiringAndReleasing) < before {
            foreign.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// So many of the log's pages are in the database.
    func noteCheckpoint(_ pages: Int) {
        copied.store(pages, ordering: .releasing)
    }
}

/// From how many pages on the write-ahead log is to be brought into the file; the writer's own.
struct CheckpointThreshold {
    private var due = WriteAheadLog.pages
    private var last = 0

    /// Whether a log of so many pages should be brought into the file.
    mutating func isReached(by pages: Int) -> Bool {
        if pages < last { due = WriteAheadLog.pages }
        last = pages
        return pages >= due
    }

    /// What no reader needs of a log of so many pages is in the file.
    mutating func noteCheckpoint(_ pages: Int) {
        (due, last) = (pages + WriteAheadLog.growth, pages)
    }
}
