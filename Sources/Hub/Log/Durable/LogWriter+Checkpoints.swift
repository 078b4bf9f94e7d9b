internal import Reactor
internal import Storage
internal import Telemetry

/// The writer's state of checkpoints, which bring the write-ahead log into the file.
struct Checkpointing {
    enum State {
        case idle
        /// The checkpointer is doing a checkpoint beside the writer.
        case beside
        /// The file could not be written, so the log grows. A checkpoint is tried again at each
        /// commit, because the growing log may itself fill the disk.
        case failed
    }

    var state = State.idle
    /// When a checkpoint that was not complete is tried again, whether or not commits come.
    var next: Instant?
    var watch = CheckpointWatch()
    /// The number of checkpoints by other programs that were noticed so far.
    var foreignCount = 0
}

extension LogWriter {
    /// Starts a checkpoint when one is due.
    func tendWAL(_ now: Instant) {
        let foreign = store.progress.foreignCheckpoints
        if foreign != checkpointing.foreignCount {
            checkpointing.foreignCount = foreign
            health.noteStranger(at: now)
        }
        guard store.isCheckpointDue || checkpointing.next.map({ now >= $0 }) == true else { return }
        switch checkpointing.state {
        case .idle: checkpointBeside()
        case .beside: break
        case .failed: settle(store.checkpoint())
        }
    }

    /// Has the checkpointer do most of a checkpoint beside the commits, and does the rest.
    private func checkpointBeside() {
        checkpointing.state = .beside
        Task {
            if isClosed { return }
            let outcome = await checkpointer.run()
            if isClosed { return }
            switch outcome {
            case .complete, .incomplete: settle(store.checkpoint())
            case .failed: settle(outcome)
            }
        }
    }

    private func settle(_ outcome: Checkpoint) {
        let now = Instant.now()
        health.noteCheckpoint(outcome, at: now)
        switch outcome {
        case .complete: (checkpointing.state, checkpointing.next) = (.idle, nil)
        case .incomplete:
            (checkpointing.state, checkpointing.next) = (
                .idle, now.advanced(milliseconds: Self.probeInterval)
            )
        case .failed:
            (checkpointing.state, checkpointing.next) = (
                .failed, now.advanced(milliseconds: Self.probeInterval)
            )
        }
        switch checkpointing.watch.note(outcome, at: now) {
        case .stuck(let reason, let milliseconds):
            logger.warning(
                "The write-ahead log grows, for it cannot be brought into the database",
                [
                    "reason": reason, "seconds": milliseconds / 1000,
                    "bytes": store.progress.bytes,
                ])
        case .over(let milliseconds):
            logger.info(
                "The write-ahead log is in the database again", ["seconds": milliseconds / 1000])
        case nil: break
        }
    }
}
