internal import Reactor
internal import Records
internal import Storage

/// Tells when no checkpoint of the write-ahead log has been complete for too long, and when one is
/// again.
///
/// A checkpoint that fails or stays incomplete is tried again within a second or at the next
/// commit, so `note` is called often enough to know the time.
struct CheckpointWatch {
    /// A change that the operator should hear of.
    enum Notice: Equatable {
        /// No checkpoint was complete for `milliseconds`.
        case stuck(reason: String, milliseconds: Int)
        case over(milliseconds: Int)
    }

    /// Milliseconds from the first incomplete checkpoint to the first notice; others follow each
    /// `interval`.
    static let patience = 10_000
    static let interval = 60_000

    private static let readerInTheWay =
        "a reader needs a part of it: a backup, an export, or a program that holds a transaction"

    private var since: Instant?
    private var reportedAt: Instant?

    /// Takes the outcome of a checkpoint.
    ///
    /// - Returns: a notice for the operator, if one is due.
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
