// A checkpoint that cannot meet SQLite's WAL-reset fault (sqlite.org/wal.html, "The WAL-Reset
// Bug").
//
// Problem: in SQLite 3.7.0 to 3.51.2, when a checkpoint begins on a log that is complete (all of it
//   is in the database) while a commit begins the log anew, the checkpoint goes by the old log's
//   length, and pages of the new log count as copied that were not. They are lost when the log is
//   begun anew once more, and the file is damaged.
// The hub alone does not meet it: it begins a checkpoint only when the log has grown beyond what
//   the last one copied, so never on a complete log, and the writer's own checkpoints have no
//   commit beside them. But another program's checkpoint can complete the log at any instant.
// So a second connection of the same thread holds a read transaction from before a checkpoint until
//   after it. If the log was not complete when that transaction began, the transaction holds a
//   place in the log, which cannot be begun anew until it ends. If the log was complete, the
//   transaction reads the database alone, and the checkpoint, which would have to write under it,
//   does nothing. Either way the checkpoint and a new beginning of the log do not meet.
// Cost: three small calls; and a checkpoint copies only what was committed as the reader began.

package import Records

/// The outcome of a checkpoint, which brings the write-ahead log into the database file.
package enum Checkpoint: Sendable, Equatable {
    case complete
    /// A reader still needs a part of the log, which a backup or an export may do for minutes.
    case incomplete
    /// The file could not be written, most likely because the disk is full.
    case failed(LogUnavailable)
}

/// Does checkpoints under a read transaction of its own; not Sendable, one per thread.
final class CheckpointConnection {
    private let database: Database
    private let guardian: Database
    private let progress: WALProgress

    /// Uses `database` for the checkpoints and opens another connection for the read transaction.
    ///
    /// - Throws: `LogUnavailable` when that cannot be opened.
    init(_ database: Database, progress: WALProgress) throws(LogUnavailable) {
        self.database = database
        self.progress = progress
        guardian = try Database(path: database.path, readOnly: true)
    }

    func close() {
        guardian.close()
    }

    /// Brings into the file, without waiting for anyone, what was committed by now and no reader
    /// needs.
    ///
    /// - Parameter meanwhile: runs between the beginning of the read transaction and the
    ///   checkpoint.
    /// - Returns: how many pages of the log are in the file, and how many it had.
    /// - Throws: `LogUnavailable`: `.busy` when another connection does a checkpoint, `.corrupt`
    ///   when more pages count as copied than the log has, which is what the fault leaves behind.
    func run(
        meanwhile: () throws(LogUnavailable) -> Void = {}
    ) throws(LogUnavailable) -> (copied: Int, pages: Int) {
        try guardian.read { () throws(LogUnavailable) in
            // A transaction begins with its first read.
            _ = try guardian.integer("SELECT 1 FROM sqlite_schema LIMIT 1")
            try meanwhile()
            let pass = try database.checkpoint()
            guard pass.copied <= pass.pages else {
                throw LogUnavailable(
                    .corrupt,
                    message: "\(database.path): \(pass.copied) pages of the write-ahead log "
                        + "count as copied, and it has \(pass.pages)")
            }
            progress.noteCheckpoint(pass.copied)
            return pass
        }
    }
}

extension EventStore {
    /// Whether the write-ahead log is so long that it should be brought into the file.
    package var isCheckpointDue: Bool { checkpointThreshold.isReached(by: progress.pages) }

    /// Brings the rest of the write-ahead log into the file, so that the next commit uses it from
    /// its beginning.
    @discardableResult
    package func checkpoint() -> Checkpoint {
        do throws(LogUnavailable) {
            let (copied, pages) = try checkpoints.run()
            checkpointThreshold.noteCheckpoint(pages)
            if copied < pages { return .incomplete }
        } catch {
            return error.kind == .busy ? .incomplete : .failed(error)
        }
        // SQLite truncates a log that is too long at the next commit. Better at this commit than at
        // that of a publisher.
        guard Int64(progress.bytes) > WriteAheadLog.maximumBytes else { return .complete }
        do throws(LogUnavailable) {
            try probe()
            return .complete
        } catch {
            return .failed(error)
        }
    }
}

/// A connection that brings the write-ahead log into the file while the writer goes on; not
/// Sendable.
///
/// A checkpoint takes as long as hundreds of commits: it writes many pages all over the file, and
/// then does an fsync.
package final class Checkpointer {
    private let database: Database
    private let checkpoints: CheckpointConnection
    private let progress: WALProgress
    /// Whether each pass ends with an fsync of the file, as it does unless `synchronous` is `.off`.
    private let syncs: Bool

    /// Opens connections of its own to a store whose writer notes its commits in `progress`.
    ///
    /// - Throws: `LogUnavailable` when the file in `directory`, which the writer has made, cannot
    /// be opened.
    package static func open(
        directory: String, synchronous: Synchronous, progress: WALProgress
    ) throws(LogUnavailable) -> Checkpointer {
        let database = try Database(path: directory + "/" + EventStore.fileName)
        try database.execute("PRAGMA synchronous = \(synchronous.pragma)")
        return Checkpointer(
            database, try CheckpointConnection(database, progress: progress),
            progress: progress, syncs: synchronous != .off)
    }

    private init(
        _ database: Database, _ checkpoints: CheckpointConnection, progress: WALProgress,
        syncs: Bool
    ) {
        self.database = database
        self.checkpoints = checkpoints
        self.progress = progress
        self.syncs = syncs
    }

    /// Brings most of the log into the file, and the file onto the disk.
    ///
    /// What the writer adds meanwhile is left to `EventStore.checkpoint`. SQLite syncs the file
    /// only when no commit came during the pass. Under load it would never do so here, and the
    /// writer's own checkpoint would have to wait for the whole fsync.
    package func checkpoint() -> Checkpoint {
        var before = Int.max
        do throws(LogUnavailable) {
            while true {
                _ = try checkpoints.run()
                if syncs { try database.sync() }
                // Counts what the writer has added since the pass began as well.
                let waiting = progress.waiting
                if waiting == 0 { return .complete }
                // Each pass is shorter than the one before, unless a reader is in the way.
                guard waiting > WriteAheadLog.rest, waiting < before else { return .incomplete }
                before = waiting
            }
        } catch {
            return error.kind == .busy ? .incomplete : .failed(error)
        }
    }

    package func close() {
        checkpoints.close()
        database.close()
    }
}
