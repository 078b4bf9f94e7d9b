internal import Reactor

/// When the windows of streams end that get their events in batches, to the millisecond.
///
/// The timer wheel is coarse, and a window may be shorter than its tick. A binary heap takes and
/// gives an entry in O(log n); `n` is the number of streams that gather events.
struct WindowAgenda {
    private struct Entry {
        let end: Instant
        let stream: UInt64
    }

    /// No entry ends before the one above it, which stands at half of its number.
    private var entries: [Entry] = []

    /// The first end; `nil` when nothing is planned.
    var next: Instant? { entries.first?.end }

    mutating func plan(_ stream: UInt64, at end: Instant) {
        entries.append(Entry(end: end, stream: stream))
        var place = entries.count - 1
        while place > 0, entries[place].end < entries[(place - 1) / 2].end {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Removes and returns the stream whose window ends first, if that is not after `now`.
    mutating func takeDue(at now: Instant) -> UInt64? {
        guard let first = entries.first, first.end <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return first.stream
    }

    /// Moves the first entry down to where it belongs.
    private mutating func sink() {
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count, entries[child + 1].end < entries[child].end { child += 1 }
            guard entries[child].end < entries[place].end else { return }
            entries.swapAt(place, child)
            place = child
        }
    }
}
