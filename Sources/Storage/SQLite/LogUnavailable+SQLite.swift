internal import CSQLite
internal import Records

extension LogUnavailable.Kind {
    /// What one of SQLite's result codes, extended or not, means for who asked.
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
