// Coarse deadlines for many connections at the cost of one array element each.
//
// Problem: 10,000 idle streams each want a keep-alive in 30 s, and each delivery moves that
//   deadline.
// Invariant: a token stands in the slot of the tick at which its owner asked to be looked at.
//   Moving a deadline later touches nothing here: when the slot comes up, the owner is asked, and
//   it schedules itself again if its time has not come. Only an earlier deadline needs a second
//   entry; the owner ignores the stale one.
// Cost: O(1) to schedule, and each tick looks at one slot. Deadlines beyond the wheel's horizon
//   come up early and are scheduled again.

/// A hashed timing wheel of opaque tokens; not isolated, owned by one worker.
package struct TimerWheel {
    /// Milliseconds between two ticks, and so the precision of every deadline.
    package static let resolution = 100

    private static let slotCount = 512

    private var slots = [[UInt64]](repeating: [], count: slotCount)
    private var tick: UInt64
    private var entries = 0
    /// No entry comes up before this tick.
    private var earliest = UInt64.max

    package init(now: Instant) {
        tick = Self.tick(of: now)
    }

    package var isEmpty: Bool { entries == 0 }

    /// Schedules `token` for the tick after `deadline`, or for the wheel's horizon if that is
    /// nearer.
    ///
    /// - Returns: the time of that tick.
    package mutating func schedule(_ token: UInt64, at deadline: Instant) -> Instant {
        let wanted = Self.tick(of: deadline) + (deadline.milliseconds == .max ? 0 : 1)
        let due = min(max(wanted, tick + 1), tick + UInt64(Self.slotCount) - 1)
        slots[Int(due % UInt64(Self.slotCount))].append(token)
        entries += 1
        earliest = min(earliest, due)
        return Self.start(of: due)
    }

    /// Calls `due` with each token whose tick has come, in the order of the ticks.
    package mutating func advance(to now: Instant, _ due: (UInt64) -> Void) {
        let target = Self.tick(of: now)
        // After a long stop (SIGSTOP, a suspended machine) one pass over all slots is enough.
        let end = min(target, tick + UInt64(Self.slotCount))
        while tick < end {
            tick += 1
            let index = Int(tick % UInt64(Self.slotCount))
            if slots[index].isEmpty { continue }
            let tokens = slots[index]
            slots[index] = []
            entries -= tokens.count
            tokens.forEach(due)
        }
        tick = max(tick, target)
        if earliest <= tick { earliest = firstOccupied() }
    }

    /// Returns the milliseconds until the next tick that has tokens; `nil` when nothing is
    /// scheduled.
    package func millisecondsToNext(from now: Instant) -> Int? {
        entries > 0 ? Self.start(of: earliest).since(now) : nil
    }

    private func firstOccupied() -> UInt64 {
        guard entries > 0 else { return .max }
        var candidate = tick + 1
        while slots[Int(candidate % UInt64(Self.slotCount))].isEmpty { candidate += 1 }
        return candidate
    }

    private static func start(of tick: UInt64) -> Instant {
        Instant(milliseconds: tick * UInt64(resolution))
    }

    private static func tick(of instant: Instant) -> UInt64 {
        instant.milliseconds / UInt64(resolution)
    }
}
