internal import CSQLite
internal import Records

extension LogUnavailable.Kind {
    /// The kind of error that one of SQLite's result codes, extended or not, stands for.
    init(resultCode code: Int32) {
        self =
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
