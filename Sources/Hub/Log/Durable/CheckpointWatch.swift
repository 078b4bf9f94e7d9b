internal import Reactor
internal import Records
internal import Storage

/// Says when the write-ahead log has grown for too long, and when that is over.
///
/// A checkpoint that fails or stays incomplete is tried again within a second or at the next
/// commit, so this is asked often enough to know the time.
struct CheckpointWatch {
    /// What is to be told.
    enum Notice: Equatable {
        /// No checkpoint was complete for so many milliseconds.
        case stuck(reason: String, milliseconds: Int)
        case over(milliseconds: Int)
    }

    /// Milliseconds after which it is told at first, and again.
    static let patience = 10_000
    static let interval = 60_000

    private static let readerInTheWay =
        "a reader needs a part of it: a backup, an export, or a program that holds a transaction"

    private var since: Instant?
    private var reportedAt: Instant?

    /// Takes what a checkpoint has come to.
    mutating func note(_ outcome: Checkpoint, at now: Instant) -> Notice? {
        switch outcome {
        case .complete:
            defer { (since, reportedAt) = (nil, nil) }
            guard let since, reportedAt != nil else { return nil }
            return .over(milliseconds: now.since(since))
        case .incomplete: return stuck(Self.readerInTheWay, now)
        case .failed(let error): return stuck(error.description, now)
        }
    }

    private mutating func stuck(_ reason: String, _ now: Instant) -> Notice? {
        let begin = since ?? now
        since = begin
        guard now.since(begin) >= Self.patience,
            reportedAt.map({ now.since($0) >= Self.interval }) ?? true
        else { return nil }
        reportedAt = now
        return .stuck(reason: reason, milliseconds: now.since(begin))
    }
}
