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

    /// The number of pages in use; the file may be longer.
    var pages: Int { length.load(ordering: .acquiring) }

    /// Bytes in use; the file may be longer.
    package var bytes: Int { pages * WriteAheadLog.frameBytes }

    /// How often the log was begun anew by a checkpoint that another program has done.
    package var foreignCheckpoints: Int { foreign.load(ordering: .relaxed) }

    /// The number of pages that are not in the database yet.
    var waiting: Int { max(0, pages - copied.load(ordering: .acquiring)) }

    /// Notes that the log has `pages` pages after a commit.
    ///
    /// Fewer than before mean that it was begun anew.
    func noteCommit(_ pages: Int) {
        let before = length.exchange(pages, ordering: .acquiringAndReleasing)
        guard pages < before else { return }
        // SQLite begins a log anew only when all of it is in the database.
        if copied.exchange(0, ordering: .acquiringAndReleasing) < before {
            foreign.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// Notes that `pages` pages of the log are in the database.
    func noteCheckpoint(_ pages: Int) {
        copied.store(pages, ordering: .releasing)
    }
}

/// The number of pages from which on the writer wants a checkpoint of the write-ahead log.
struct CheckpointThreshold {
    private var due = WriteAheadLog.pages
    private var last = 0

    /// Whether a log of `pages` pages should be brought into the file.
    mutating func isReached(by pages: Int) -> Bool {
        if pages < last { due = WriteAheadLog.pages }
        last = pages
        return pages >= due
    }

    /// Notes a checkpoint of a log of `pages` pages, which may have left what a reader needs.
    mutating func noteCheckpoint(_ pages: Int) {
        (due, last) = (pages + WriteAheadLog.growth, pages)
    }
}
