internal import CSQLite

/// Why the store could not do what it was asked to.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller may want to tell apart.
    package enum Kind: Sendable, Equatable {
        case full
        case readOnly
        case busy
        case corrupt
        case notADatabase
        case newerVersion
        case cannotOpen
        case io
        case constraint
        case other
    }

    package let kind: Kind
    /// SQLite's extended result code; 0 when it was not SQLite that refused.
    package let code: Int32
    package let message: String
    package let sql: String?

    package init(_ kind: Kind, code: Int32 = 0, message: String, sql: String? = nil) {
        self.kind = kind
        self.code = code
        self.message = message
        self.sql = sql
    }

    /// What is wrong and what can be done about it.
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
        case .notADatabase, .newerVersion: message
        case .cannotOpen: "The store cannot be opened: \(message)."
        case .io: "The disk of the store fails (\(message)); look at the system's log."
        case .constraint, .other: "The store failed: \(message)" + (sql.map { " in \($0)" } ?? "")
        }
    }

    /// What is wrong, without paths and statements, for those whom they do not concern; without a
    /// full stop.
    package var outline: String {
        switch kind {
        case .full: "The disk of the store is full"
        case .readOnly: "The store is read-only"
        case .busy: "The store is locked by another process"
        case .corrupt: "The store's file is damaged"
        case .notADatabase, .newerVersion, .cannotOpen: "The store cannot be opened"
        case .io: "The disk of the store fails"
        case .constraint, .other: "The store failed"
        }
    }

    /// Whether the statement itself is refused, whatever the state of the file and its disk: it
    /// would be at any other time as well, so trying again is of no use.
    package var isFaultOfStatement: Bool { kind == .constraint || kind == .other }

    static func kind(of code: Int32) -> Kind {
        switch code & 0xFF {
        case SQLITE_FULL: .full
        case SQLITE_READONLY: .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .cannotOpen
        case SQLITE_IOERR: .io
        case SQLITE_CONSTRAINT: .constraint
        default: .other
        }
    }
}
