/// What an event means for streams that have a rule, beyond what it says to their clients.
///
/// Only code of this process sets one: no reader of what comes from outside does. So what ends a
/// stream cannot be published by somebody else, and no rule needs to look into an event's JSON.
package enum Mark: Equatable, Sendable {
    /// Nothing more will be said of what the event is about, unless it is taken up again.
    case final
    /// It is taken up again, or begins: an earlier end does not hold.
    case reopened
    /// A piece of a text of which `offset` UTF-8 bytes come before it; each attempt at the text
    /// begins at 0.
    case piece(attempt: Int, offset: Int)
}

extension Mark {
    /// The code under which a log keeps the mark; `nil` for a piece, which is transient.
    var code: Int64? {
        switch self {
        case .final: 1
        case .reopened: 2
        case .piece: nil
        }
    }

    /// Reads what `code` gives; `nil` for any other number.
    init?(code: Int64) {
        switch code {
        case 1: self = .final
        case 2: self = .reopened
        default: return nil
        }
    }
}
