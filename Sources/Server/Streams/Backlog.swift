internal import Hub

/// Streams that wait for their next page of the log, served in turn so that none starves the
/// others.
struct Backlog {
    private var waiting: [Subscriber] = []

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ subscriber: Subscriber) {
        waiting.append(subscriber)
    }

    /// Removes and returns the first `count` streams, oldest first.
    mutating func takeFirst(_ count: Int) -> [Subscriber] {
        guard !waiting.isEmpty else { return [] }
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(taken.count)
        return taken
    }
}
