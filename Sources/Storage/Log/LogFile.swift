// Reads a store for operators, whether or not a hub runs on it. The connection is read-only: it
// does no migration and no checkpoint, and takes no lock but a reader's. Each call reads one
// snapshot of the file.

package import Records

/// A read-only connection for the commands of `martlet log`; not Sendable.
package final class LogFile {
    package let files: StoreFiles
    /// The version of the file's format, counted from 1.
    package let version: Int
    let database: Database

    /// Opens the store in a folder, or a database file by itself.
    ///
    /// - Throws: `LogUnavailable` when there is no store, or this version cannot read it.
    package convenience init(at place: String) throws(LogUnavailable) {
        try self.init(StoreFiles(at: place))
    }

    package init(_ files: StoreFiles) throws(LogUnavailable) {
        let database = try Database(path: files.path, readOnly: true)
        do throws(LogUnavailable) {
            try database.execute("PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384")
            version = try Schema.version(of: database)
            guard version > 0 else {
                throw LogUnavailable(
                    .cannotOpen,
                    message: "\(files.path) is empty; a hub makes its tables when it first starts")
            }
        } catch {
            database.close()
            throw error
        }
        self.files = files
        self.database = database
    }

    /// Whether the file's format has ends, and all columns of events.
    var hasEnds: Bool { version >= Schema.firstVersionWithEnds }

    var index: EventIndex { EventIndex(database, version: version) }

    package func close() {
        database.close()
    }

    /// The epoch of all ids.
    ///
    /// - Throws: `LogUnavailable` when the file has none or cannot be read.
    package func epoch() throws(LogUnavailable) -> String {
        guard let epoch = try database.text("SELECT value FROM meta WHERE key = 'epoch'") else {
            throw LogUnavailable(.corrupt, message: "\(files.path) has no epoch")
        }
        return epoch
    }

    /// A number that changes whenever another connection commits (`PRAGMA data_version`).
    package func changeCount() throws(LogUnavailable) -> Int64 {
        try database.integer("PRAGMA data_version") ?? 0
    }

    /// Returns the first sequence still kept, or `head + 1` when none is, and the last sequence
    /// given.
    package func bounds() throws(LogUnavailable) -> (oldest: UInt64, head: UInt64) {
        let first = try database.integer("SELECT min(seq) FROM events WHERE true")
        guard let last = try database.integer(Schema.headQuery), last >= 0, first ?? 1 > 0 else {
            throw LogUnavailable(
                .corrupt, message: "\(files.path) does not tell where its log ends")
        }
        return (first.map { UInt64($0) } ?? UInt64(last) + 1, UInt64(last))
    }
}
