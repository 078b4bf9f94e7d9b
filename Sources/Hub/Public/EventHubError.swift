internal import Records

/// The reason why a hub within this process could not do what it was asked to; `description` is a
/// sentence for people.
public enum EventHubError: Error, Equatable, CustomStringConvertible {
    /// An argument breaks a rule, which the sentence names; the same call would be refused again.
    case invalid(String)
    /// The store cannot be opened.
    case cannotOpen(String)
    /// The store cannot take or give events now, and nothing of the call was done.
    ///
    /// Another attempt makes sense after `retryAfter` seconds.
    case unavailable(String, retryAfter: Int)
    /// Events after a cursor are no longer kept, or were trimmed before a slow subscription had
    /// read them.
    ///
    /// `oldest` is the oldest event that is still kept.
    case expired(oldest: EventID)
    /// A cursor is of another log, or ahead of this one.
    case unknownCursor(EventID)
    /// The hub was closed.
    case closed

    /// A sentence that says what is wrong and, where something helps, what does.
    public var description: String {
        switch self {
        case .invalid(let sentence), .cannotOpen(let sentence): sentence
        case .unavailable(let sentence, _): sentence
        case .expired(let oldest):
            "Events that were asked for are no longer kept; the oldest one is \(oldest). "
                + "Begin with the state, and go on from there."
        case .unknownCursor(let cursor):
            "\(cursor) is no event of this log; the store is another one, or has lost its end. "
                + "Begin with the state, and go on from there."
        case .closed: "The hub was closed."
        }
    }

    init(_ reason: LogUnavailable) {
        self = .unavailable(reason.description, retryAfter: reason.retryAfter)
    }
}
