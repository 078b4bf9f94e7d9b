/// What an event means for streams that have a rule, beyond what it says to their clients.
///
/// Only code of this process sets a mark: nothing that comes from outside can have one. So nobody
/// else can publish an event that ends a stream, and no rule needs to look into an event's JSON.
package enum Mark: Equatable, Sendable {
    /// The event is the last one about its subject, unless that is taken up again.
    case final
    /// The subject begins or is taken up again, so that an earlier end does not hold.
    case reopened
    /// The event is a piece of a text, behind `offset` UTF-8 bytes of it; each attempt at the text
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

    /// Reads a code; `nil` for a number that is none.
    init?(code: Int64) {
        switch code {
        case 1: self = .final
        case 2: self = .reopened
        default: return nil
        }
    }
}
