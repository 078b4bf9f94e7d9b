// The live events of one stream that wait for the end of a window, so that they come as one event.
//
// A window begins with the first event that is gathered. It ends after its time, with its hundredth
//   event, or before the event with which it would be larger than 1 MiB. Who has the clock is told
//   of each window that begins (`Shard.takeGathering`), and looks at the stream when it is over.
// Invariants:
//   - Only a live stream gathers, and each handle is one use in its shard's pool.
//   - At most one look is planned. One that comes before a window's end, because the window for
//     which it was planned was full before, is planned again; so a busy stream's windows cost no
//     more looks than a quiet one's.

package import Reactor

/// Gathers the events of one stream's windows; not isolated.
package final class BatchGatherer {
    static let maximumCount = 100
    static let maximumBytes = 1 << 20
    static let longWindow = 50

    /// What a look at the stream has found.
    package enum Look: Equatable {
        /// The window is over, and what was gathered is to be sent.
        case over
        /// The window ends later, at an instant at which the stream is to be looked at again.
        case later(Instant)
        /// Nothing is gathered.
        case nothing
    }

    /// The length of a window in milliseconds.
    let window: Int
    @safe @exclusivity(unchecked) private(set) var handles: [FrameHandle] = []
    @safe @exclusivity(unchecked) private var byteCount = 0
    /// Whether a window has begun and not ended, even if all in it was replaced.
    @safe @exclusivity(unchecked) private var isOpen = false
    @safe @exclusivity(unchecked) private var isLookPlanned = false
    @safe @exclusivity(unchecked) private var end = Instant(milliseconds: 0)

    /// Makes a gatherer with windows of so many milliseconds.
    package init(window: Int) {
        self.window = window
    }

    /// Whether a window is so long that some milliseconds more are no matter.
    var isLong: Bool { window >= Self.longWindow }

    package var isEmpty: Bool { handles.isEmpty }

    var isFull: Bool { handles.count >= Self.maximumCount || byteCount >= Self.maximumBytes }

    /// Whether an event of `size` bytes goes into the present window.
    func takes(_ size: Int) -> Bool { isEmpty || byteCount + size <= Self.maximumBytes }

    /// Gathers an event.
    ///
    /// - Returns: whether a window begins with it.
    func append(_ handle: FrameHandle, byteCount size: Int) -> Bool {
        handles.append(handle)
        byteCount += size
        defer { isOpen = true }
        return !isOpen
    }

    func remove(at index: Int, byteCount size: Int) {
        handles.remove(at: index)
        byteCount -= size
    }

    /// Ends the window, and hands over what was gathered.
    func take() -> [FrameHandle] {
        defer { handles = [] }
        byteCount = 0
        isOpen = false
        return handles
    }

    /// Notes that the present window has begun.
    ///
    /// - Returns: when the stream is to be looked at; `nil` if a look is planned already.
    package func begin(at now: Instant) -> Instant? {
        end = now.advanced(milliseconds: window)
        if isLookPlanned { return nil }
        isLookPlanned = true
        return end
    }

    /// Says what a planned look at the stream has found.
    package func look(at now: Instant) -> Look {
        if isOpen, now < end { return .later(end) }
        isLookPlanned = false
        return isOpen ? .over : .nothing
    }
}
