// Replaying and catching up are one mechanism: a stream that is behind gets pages of the log into its empty
// outbox until its cursor reaches `position`; from there on it is live. Registered before anything is read,
// and read only up to `position`, it can neither miss an event nor get one twice.

extension Shard {
    /// Whether `subscriber` waits for its next page.
    package func wantsPage(_ subscriber: Subscriber) -> Bool {
        guard case .behind = subscriber.phase else { return false }
        return subscriber.outbox.isEmpty && subscriber.isWritable
    }

    /// Queues a page that was read after the stream's cursor.
    ///
    /// - Parameter end: the sequence up to which the page is complete.
    package func queue(_ page: [EventFrame], upTo end: UInt64, for subscriber: Subscriber) {
        for frame in page {
            if let filter = subscriber.filter, !filter.contains(frame.name) { continue }
            queue(frame, for: subscriber)
        }
        subscriber.phase = end >= position ? .live : .behind(cursor: end)
    }
}
