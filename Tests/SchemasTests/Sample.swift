import CSQLite
import Glibc
import TestSupport

/// A database file that statements have made.
struct Sample {
    private let folder = Folder()
    var path: String { folder.path + "/sample.db" }

    init(_ sql: String) throws {
        var database: OpaquePointer?
        guard unsafe sqlite3_open(path, &database) == SQLITE_OK,
            unsafe sqlite3_exec(database, "BEGIN; \(sql) COMMIT;", nil, nil, nil) == SQLITE_OK,
            unsafe sqlite3_close(database) == SQLITE_OK
        else { throw Failure() }
    }

    func bytes() throws -> [UInt8] {
        guard let file = unsafe fopen(path, "r") else { throw Failure() }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16 << 20)
        bytes.removeLast(bytes.count - (unsafe fread(&bytes, 1, bytes.count, file)))
        return bytes
    }

    func write(_ bytes: [UInt8]) throws {
        guard let file = unsafe fopen(path, "w") else { throw Failure() }
        unsafe fwrite(bytes, 1, bytes.count, file)
        unsafe fclose(file)
    }

    struct Failure: Error {}
}
