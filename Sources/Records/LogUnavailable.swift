// The one error of every store of events, state and records. A store translates its engine's codes
// into it in one place. Whoever uses a log or changes records knows this error alone, so no code
// above has to know which store it is.

/// The reason why a log cannot take or give what it was asked for.
package struct LogUnavailable: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to tell apart.
    package enum Kind: Sendable, Equatable {
        case full
        case readOnly
        case busy
        case corrupt
        case notADatabase
        case newerVersion
        case cannotOpen
        case io
        /// The request breaks a constraint of the tables.
        case constraint
        case other
        /// The hub itself refuses: too much waits already, or it is stopping.
        case refused
    }

    package let kind: Kind
    /// The engine's own number of the error; 0 when it was not the engine that refused.
    package let code: Int32
    /// The engine's message, paths included; the whole sentence when the hub itself refuses.
    package let message: String
    /// The statement that was refused, if one was.
    package let statement: String?
    /// Seconds after which another attempt makes sense.
    package let retryAfter: Int

    package init(
        _ kind: Kind, code: Int32 = 0, message: String, statement: String? = nil,
        retryAfter: Int = 5
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.statement = statement
        self.retryAfter = retryAfter
    }

    /// What is wrong and what can be done about it, paths included, for the hub's own log.
    package var description: String {
        switch kind {
        case .full:
            "The disk of the store is full (\(message)); free space, or lower --retention-bytes."
        case .readOnly:
            "The store is read-only (\(message)); give the hub's user write access to the file and "
                + "its directory."
        case .busy:
            "The store is locked by another process (\(message)); end what holds it."
        case .corrupt:
            "The store's file is damaged (\(message)); stop the hub, run 'martlet log verify', and "
                + "restore a backup."
        case .cannotOpen: "The store cannot be opened: \(message)."
        case .io: "The disk of the store fails (\(message)); look at the system's log."
        case .constraint, .other:
            "The store failed: \(message)" + (statement.map { " in \($0)" } ?? "")
        case .notADatabase, .newerVersion, .refused: message
        }
    }

    /// What is wrong, without paths and statements, for clients, whom the hub's folders do not
    /// concern.
    package var outline: String {
        switch kind {
        case .full: Self.outline("The disk of the store is full")
        case .readOnly: Self.outline("The store is read-only")
        case .busy: Self.outline("The store is locked by another process")
        case .corrupt: Self.outline("The store's file is damaged")
        case .notADatabase, .newerVersion, .cannotOpen:
            Self.outline("The store cannot be opened")
        case .io: Self.outline("The disk of the store fails")
        case .constraint, .other: Self.outline("The store failed")
        case .refused: message
        }
    }

    private static func outline(_ sentence: String) -> String {
        sentence + "; the hub's log says more."
    }

    /// Whether the change itself is at fault, whatever the state of the store and its disk.
    ///
    /// It would be refused at any other time as well, so trying again is of no use.
    package var isFaultOfChange: Bool { kind == .constraint || kind == .other }

    /// Whether what is stored is damaged, which does not heal.
    package var isDamage: Bool { kind == .corrupt || kind == .notADatabase }
}
