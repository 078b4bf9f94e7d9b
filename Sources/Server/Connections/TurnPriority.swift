// Whether a connection is served before or after others when not all can be served at once.
//
// A hub that is flooded cannot know who means harm, but it sees who takes much. So connections of
// which it knows nothing yet, that have just taken as much as one may have in a turn, whose
// requests are refused, or that send a request in many pieces go on after all others, and share a
// part of each turn. Those that take more than their share of it give up turns. Where nobody else
// wants to be served, going on after others costs nothing.

internal import Reactor

/// The priority of one connection that carries requests, as a value that knows no clock.
struct TurnPriority {
    /// How long others go first when a connection has taken much, in milliseconds.
    static let backgroundTime = 200
    /// In how many pieces a request may come before others go first.
    static let maximumWaits = 4
    /// How long one turn after others may take, in microseconds, for each turn that is then given
    /// up.
    static let turnTime = 200

    private static let unknown = Instant(milliseconds: .max)

    /// Until when others go first.
    private var backgroundEnd = Self.unknown
    /// How often the connection has waited for more of its present request.
    private var waits = 0
    /// How many turns the connection gives up.
    private var turnsOwed = 0

    /// Whether others go first now.
    func isBackground(at now: Instant) -> Bool { now < backgroundEnd }

    /// Takes note that the connection has taken as much as one may have in a turn.
    mutating func usedUpTurn(at now: Instant) {
        guard backgroundEnd != Self.unknown else { return }
        backgroundEnd = now.advanced(milliseconds: Self.backgroundTime)
    }

    /// Takes note that a part of a request is missing, after all was read that has come.
    mutating func waitedForMore(at now: Instant) {
        waits += 1
        if waits > Self.maximumWaits { usedUpTurn(at: now) }
    }

    /// Takes note of the answer to a request.
    mutating func wasAnswered(isRefusal: Bool, at now: Instant) {
        waits = 0
        if isRefusal {
            usedUpTurn(at: now)
        } else if backgroundEnd == Self.unknown {
            backgroundEnd = now
        }
    }

    /// Takes note of how long a turn took that the connection was given after others.
    mutating func didTake(microseconds: Int) { turnsOwed = microseconds / Self.turnTime }

    /// Gives up a turn, if the connection is to.
    mutating func givesUpTurn() -> Bool {
        guard turnsOwed > 0 else { return false }
        turnsOwed -= 1
        return true
    }
}
