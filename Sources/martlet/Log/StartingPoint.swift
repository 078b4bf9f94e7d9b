internal import Hub

/// The place in a log to which `--after` leads.
struct StartingPoint {
    /// The sequence behind which events are wanted.
    let sequence: UInt64
    /// The message that the cursor is not, or no longer, a place in this log; else `nil`.
    let notice: String?

    /// Finds the place of a cursor.
    ///
    /// - Throws: `LogUsageError` when the text is not a cursor at all.
    init(
        _ text: String, epoch: String, oldest: UInt64, head: UInt64
    ) throws(LogUsageError) {
        guard let id = EventID(text) else {
            throw LogUsageError(
                description: "--after must be an event's id such as \(epoch)-1842, not '\(text)'.")
        }
        let first = oldest > head ? "there is none" : "the oldest is \(epoch)-\(oldest)"
        if id.epoch.description != epoch {
            sequence = 0
            notice =
                "\(id) is of another log, this one's epoch is \(epoch); showing what is kept "
                + "from the beginning (\(first))."
        } else if id.sequence > head {
            sequence = head
            notice = "\(id) is ahead of the log, which ends with \(epoch)-\(head)."
        } else if id.sequence + 1 < oldest {
            sequence = id.sequence
            notice = "\(id) is older than the log: not all events behind it are kept (\(first))."
        } else {
            sequence = id.sequence
            notice = nil
        }
    }
}
