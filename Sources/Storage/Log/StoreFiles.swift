internal import CSQLite
internal import Glibc
package import Records

/// A store's files, looked at from outside.
package struct StoreFiles: Sendable {
    /// The database.
    package let path: String
    private let identity: FileIdentity

    /// Finds the store in a folder; `place` may be a database file as well, such as a backup.
    ///
    /// - Throws: `LogUnavailable` that names the path when there is none.
    package init(at place: String) throws(LogUnavailable) {
        let found = FileIdentity(place)
        let path = found?.isRegular == true ? place : Self.path(in: place)
        guard let identity = FileIdentity(path), identity.isRegular else {
            throw LogUnavailable(.cannotOpen, message: "there is no store at \(path)")
        }
        self.path = path
        self.identity = identity
    }

    /// The path of a folder's database, whether or not it exists.
    package static func path(in folder: String) -> String {
        (folder.hasSuffix("/") ? folder : folder + "/") + EventStore.fileName
    }

    /// Bytes of the database.
    package var size: Int64 { unsafe store_file_size(path) }

    /// Bytes of the write-ahead log, 0 when there is none.
    package var walSize: Int64 { unsafe store_file_size(path + "-wal") }

    /// Whether the path now leads to another file than the one that was found, or to none.
    package var isReplaced: Bool { FileIdentity(path) != identity }

    /// Whether `file` is one of the store's.
    package func includes(_ file: String) -> Bool {
        let identity = FileIdentity(file)
        return identity != nil
            && ["", "-wal", "-shm"].contains { FileIdentity(path + $0) == identity }
    }

    /// Reads what the last run has left beside the database.
    ///
    /// Call it before this process opens the database, whose locks it would otherwise release.
    /// - Returns: `nil` while a hub or an import has the store.
    /// - Throws: `LogUnavailable` when the write-ahead log cannot be read.
    package func traces() throws(LogUnavailable) -> StoreTraces? {
        guard !isHeld else { return nil }
        // A backup beside the store has another name, and the mark does not belong to it.
        let lock = path.hasSuffix("/" + EventStore.fileName) ? folder + EventStore.lockName : ""
        let descriptor = unsafe open(lock, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        return try StoreTraces(
            ofDatabase: path, hadLock: true, mark: AcknowledgedMark(descriptor: descriptor))
    }

    private var folder: String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
    }

    /// Whether a hub or an import has the store now.
    ///
    /// Takes a shared lock and releases it at once. It creates no file.
    package var isHeld: Bool {
        let descriptor = unsafe open(folder + EventStore.lockName, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        let isFree = flock(descriptor, LOCK_SH | LOCK_NB) == 0
        store_unlock(descriptor)
        return !isFree
    }
}

/// Which file a path leads to now.
private struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let node: UInt64
    let isRegular: Bool

    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        node = UInt64(status.st_ino)
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }
}
