internal import CSQLite
internal import Glibc
internal import Records
internal import WALFormat

/// A write-ahead log as a file, read without SQLite.
enum WALFile {
    /// About how many bytes are read at once.
    private static let chunk = 1 << 20

    /// Reads the write-ahead log of the database at `path` from beginning to end.
    ///
    /// Nothing may write to it meanwhile.
    /// - Returns: `nil` when there is no log, or it has no frame.
    /// - Throws: `LogUnavailable` when it cannot be read.
    static func scan(ofDatabase path: String) throws(LogUnavailable) -> WALScan? {
        let name = path + "-wal"
        let descriptor = unsafe open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(name)
        }
        defer { close(descriptor) }
        let header = try read(descriptor, count: WALHeader.size, at: 0, of: name)
        guard header.count == WALHeader.size else { return nil }
        let pageSize = try pageSize(ofDatabase: path)
        var scan = unsafe WALScan(header: header.span.bytes, pageSize: pageSize)
        let framesAtOnce = max(1, chunk / scan.frameSize)
        var offset = WALHeader.size
        while true {
            let bytes = try read(
                descriptor, count: framesAtOnce * scan.frameSize, at: offset, of: name)
            let span = unsafe bytes.span.bytes
            var start = 0
            while start + scan.frameSize <= bytes.count {
                scan.take(span.extracting(start..<start + scan.frameSize))
                start += scan.frameSize
            }
            guard start > 0 else { break }
            offset += start
        }
        return offset > WALHeader.size ? scan : nil
    }

    /// Whether another process has the database and its write-ahead log open.
    ///
    /// SQLite does not recover the log then. This tests the lock that each connection holds on the
    /// log's index, so call it before this process has a connection.
    static func isOpenElsewhere(database path: String) -> Bool {
        unsafe store_index_is_held(path + "-shm") != 0
    }

    /// The number of frames that the log has by its index (sqlite.org/walformat.html, 2.1).
    ///
    /// - Returns: `nil` when the index does not say.
    /// - Throws: `LogUnavailable` when it cannot be read.
    static func indexedFrames(ofDatabase path: String) throws(LogUnavailable) -> Int? {
        let descriptor = unsafe open(path + "-shm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = try read(descriptor, count: 96, at: 0, of: path + "-shm")
        // The header stands there twice, and the copies differ while one is written. Its numbers
        // have the machine's own byte order.
        guard bytes.count == 96, bytes[..<48] == bytes[48...] else { return nil }
        return unsafe Int(bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// The database's page size in bytes, or SQLite's default when the file does not say.
    private static func pageSize(ofDatabase path: String) throws(LogUnavailable) -> Int {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 4_096 }
        defer { close(descriptor) }
        let bytes = try read(descriptor, count: 100, at: 0, of: path)
        return unsafe PageSize(databaseHeader: bytes.span.bytes)?.bytes ?? 4_096
    }

    /// Reads `count` bytes, or fewer at the end of the file.
    private static func read(
        _ descriptor: Int32, count: Int, at offset: Int, of name: String
    ) throws(LogUnavailable) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled,
                    off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw failure(name) }
            guard got > 0 else { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    private static func failure(_ name: String) -> LogUnavailable {
        let reason = unsafe String(cString: store_error_text())
        return LogUnavailable(.io, message: "\(name): \(reason)")
    }
}
