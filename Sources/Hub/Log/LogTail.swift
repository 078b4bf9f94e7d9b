// The newest events of the log, encoded, in memory.
//
// Format: a ring of frames in the order of their sequences, without gaps; and for each resource and
//   each kind the ascending sequences of its events that are in the ring.
// Invariant: `frames[i]` has the sequence `base + i`; an index holds a sequence as long as its
//   frame is here. Nothing before `first` is shown. Frames between `base` and `first` were found to
//   be too old. Their memory is given back in steps, so that nobody waits while a long log that has
//   aged unread is deleted.
// Cost: appending and evicting cost by the event's resources, and a page by what it returns,
//   whatever the ring's size.

internal import Reactor
package import Telemetry

/// The newest events in memory, from which streams are served when they resume.
package struct LogTail {
    /// The number of frames too old to be shown whose memory is given back in one step.
    private static let sweepStep = 64

    private var frames = Queue<EventFrame>()
    /// The sequence of the oldest frame in memory.
    private var base: UInt64
    /// When each of `frames` came into the log, in milliseconds; empty where no event gets too old.
    private var times = Queue<Int64>()
    private let age: Int64?
    private var byteCount = 0
    private var byResource: [Resource: Queue<UInt64>] = [:]
    private var byKind: [String: Queue<UInt64>] = [:]
    private let limits: LogTailLimits
    /// What counts the forms of the hub's frames.
    private let forms: FormLedger

    /// The sequence of the oldest frame that is shown, or of the next one when there is none.
    package private(set) var first: UInt64

    /// Makes an empty tail of a log whose next event gets the sequence `next`.
    ///
    /// Events older than `age` milliseconds leave it.
    package init(
        limits: LogTailLimits, forms: FormLedger = FormLedger(), age: Int64? = nil,
        next: UInt64 = 1
    ) {
        self.limits = limits
        self.forms = forms
        self.age = age
        base = next
        first = next
    }

    /// The last sequence of the log.
    package var lastSequence: UInt64 { base + UInt64(frames.count) - 1 }

    /// The number of frames that are shown.
    package var count: Int { Int(lastSequence + 1 - first) }

    /// Returns the sequence of the newest event of a resource that is shown; `nil` when there is
    /// none.
    package func newestSequence(of resource: Resource) -> UInt64? {
        guard let sequences = byResource[resource], !sequences.isEmpty else { return nil }
        let newest = sequences[sequences.count - 1]
        return newest >= first ? newest : nil
    }

    /// Adds the log's next event and drops the oldest ones beyond the limits; `time` never falls.
    package mutating func append(_ frame: EventFrame, at time: Timestamp) {
        precondition(
            frame.sequence == lastSequence + 1, "the log's tail takes sequences without gaps")
        frame.keep()
        frames.append(frame)
        if age != nil { times.append(time.milliseconds) }
        byteCount += frame.byteCount
        for resource in frame.resources {
            byResource[resource, default: Queue()].append(lastSequence)
        }
        eachKind(of: frame) { $0.byKind[$1, default: Queue()].append($0.lastSequence) }
        while frames.count > limits.count || (isOverfull && frames.count > 1) {
            evict()
        }
    }

    /// Whether the frames and all forms of frames are more than is to be kept.
    private var isOverfull: Bool { byteCount + forms.byteCount > limits.bytes }

    /// Hides all events that are too old at `now`, and gives back the memory of some of them.
    package mutating func forget(at now: Timestamp) {
        guard let age else { return }
        let border = now.milliseconds - age
        let oldest = Int(first - base)
        if oldest < times.count, times[oldest] < border {
            first = base + UInt64(times.firstIndex(after: border - 1))
        }
        for _ in 0..<min(Self.sweepStep, Int(first - base)) { evict() }
    }

    private mutating func evict() {
        guard let frame = frames.popFirst() else { return }
        times.popFirst()
        byteCount -= frame.byteCount
        base += 1
        first = max(first, base)
        for resource in frame.resources { Self.popFirst(of: resource, in: &byResource) }
        eachKind(of: frame) { Self.popFirst(of: $1, in: &$0.byKind) }
    }

    private static func popFirst<Key>(of key: Key, in index: inout [Key: Queue<UInt64>]) {
        guard let position = index.index(forKey: key) else { return }
        index.values[position].popFirst()
        if index.values[position].isEmpty { index.remove(at: position) }
    }

    /// Calls `body` once for each kind among the event's resources.
    private mutating func eachKind(
        of frame: EventFrame, _ body: (inout Self, _ kind: String) -> Void
    ) {
        for (index, resource) in frame.resources.enumerated()
        where !frame.resources[..<index].contains(where: { $0.kind == resource.kind }) {
            body(&self, resource.kind)
        }
    }
}

/// How much of the log is kept in memory.
package struct LogTailLimits: Sendable {
    package let count: Int
    package let bytes: Int

    package init(count: Int, bytes: Int) {
        self.count = max(1, count)
        self.bytes = bytes
    }
}

/// The next events for one stream, in log order.
package struct EventPage: Sendable {
    package let frames: [EventFrame]
    /// The sequence up to which all matching events are in `frames` or were served before.
    package let end: UInt64
}

extension LogTail {
    /// Returns the events after `cursor` and up to `last` that match, at most `limit`.
    ///
    /// - Returns: `nil` when `cursor` lies before what is kept here.
    package func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) -> EventPage? {
        guard cursor + 1 >= first else { return nil }
        var sequences: [UInt64] = []
        for selector in selectors {
            guard let index = index(of: selector) else { continue }
            var place = index.firstIndex(after: cursor)
            // One event beyond the limit from each selector is enough to know where the page ends.
            let end = min(index.count, place + limit + 1)
            while place < end, index[place] <= last {
                sequences.append(index[place])
                place += 1
            }
        }
        if selectors.count > 1 { sequences = Self.sortedUnique(sequences) }
        guard sequences.count > limit else {
            return EventPage(frames: sequences.map(frame), end: max(last, cursor))
        }
        let page = sequences[..<limit]
        return EventPage(frames: page.map(frame), end: page[limit - 1])
    }

    /// Returns the newest events before `end` that match, newest first, at most `limit`.
    func newest(
        before end: UInt64, matching selectors: [Selector], limit: Int
    ) -> [EventFrame] {
        // How many sequences of each list lie before what was returned.
        var lists = selectors.compactMap { selector in
            index(of: selector).map { (sequences: $0, count: $0.firstIndex(after: end - 1)) }
        }
        var found: [EventFrame] = []
        while found.count < limit {
            var newest: UInt64 = 0
            for list in lists where list.count > 0 {
                newest = max(newest, list.sequences[list.count - 1])
            }
            guard newest >= first else { break }
            for index in lists.indices
            where lists[index].count > 0
                && lists[index].sequences[lists[index].count - 1] == newest
            {
                lists[index].count -= 1
            }
            found.append(frame(newest))
        }
        return found
    }

    private func index(of selector: Selector) -> Queue<UInt64>? {
        switch selector {
        case .resource(let resource): byResource[resource]
        case .pattern(let kind): byKind[kind]
        }
    }

    private func frame(_ sequence: UInt64) -> EventFrame {
        frames[Int(sequence - base)]
    }

    private static func sortedUnique(_ sequences: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        result.reserveCapacity(sequences.count)
        for sequence in sequences.sorted() where sequence != result.last {
            result.append(sequence)
        }
        return result
    }
}
