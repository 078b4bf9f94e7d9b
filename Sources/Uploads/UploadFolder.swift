// Files that clients send to the hub, for jobs that read them.
//
// Invariants: a file has its name only when it is whole and on the disk; until then it has one that
//   ends in `.part`, and such files are removed when a hub starts. A name holds 128 random bits and
//   the SHA-256 of what was sent, so that nothing else needs to be stored of a file.
// Isolation: all that touches the disk runs on a thread of its own.

internal import CLinux
internal import COpenSSL
package import Reactor

/// A file that has come whole.
package struct Upload: Sendable, Equatable {
    /// 64 letters and digits.
    package let id: String
    package let bytes: Int
    /// When it is removed, in milliseconds since 1970.
    package let expires: Int64
}

/// Why a file is not taken.
package enum UploadError: Error, Equatable {
    case tooLarge
    /// It is not the SQLite database that was announced.
    case notDatabase
    /// As many files come at once as may.
    case busy
    /// The folder holds as much as it may, or its disk is full.
    case full
    /// The disk refuses for another reason.
    case failed(String)
}

/// The folder of the files that were sent.
package actor UploadFolder: EventLoopClient {
    /// How long a file is kept after it was sent or last read, in milliseconds.
    package static let age: Int64 = 86_400_000
    /// How many files may come at once.
    private static let maximumOpen = 16
    /// How many files of the greatest size the folder may hold.
    private static let maximumWhole = 16
    private static let magic = Array("SQLite format 3\0".utf8)
    /// The smallest database is one page.
    private static let smallest = 512

    private struct Part {
        let descriptor: Int32
        let path: String
        var count = 0
        var head: [UInt8] = []
        let digest: Digest
    }

    package nonisolated let maximumBytes: Int
    private nonisolated let path: String
    private nonisolated let lane: EventLoop
    private var parts: [UInt64: Part] = [:]
    private var lastPart: UInt64 = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    /// Opens the folder, makes it if it is missing, and removes what a killed hub left half read.
    ///
    /// - Throws: `Errno` when that cannot be done.
    package init(path: String, maximumBytes: Int) throws(Errno) {
        self.path = path
        self.maximumBytes = maximumBytes
        lane = try EventLoop()
        if unsafe mkdir(path, 0o700) != 0, linux_errno() != EEXIST {
            throw Errno(code: linux_errno(), call: "mkdir \(path)")
        }
        for name in Self.names(in: path) where name.hasSuffix(".part") {
            unsafe unlink("\(path)/\(name)")
        }
        try lane.start(name: "uploads", client: self)
    }

    package nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? { nil }

    // MARK: Receiving

    /// Begins a file.
    ///
    /// - Returns: its number, until it is finished or discarded.
    package func begin() throws(UploadError) -> UInt64 {
        guard parts.count < Self.maximumOpen else { throw .busy }
        let whole = files().reduce(0) { $0 + $1.bytes }
        guard whole <= (Self.maximumWhole - 1) * maximumBytes else { throw .full }
        lastPart += 1
        let path = "\(path)/\(Self.random()).part"
        let descriptor = unsafe linux_create(path)
        guard descriptor >= 0 else { throw failure("open") }
        parts[lastPart] = Part(descriptor: descriptor, path: path, digest: Digest())
        return lastPart
    }

    /// Writes the next bytes of a file.
    package func append(_ bytes: [UInt8], to number: UInt64) throws(UploadError) {
        guard var part = parts[number] else { throw .failed("the file was given up") }
        guard part.count + bytes.count <= maximumBytes else { throw .tooLarge }
        if part.head.count < Self.magic.count {
            part.head += bytes.prefix(Self.magic.count - part.head.count)
            guard Self.magic.starts(with: part.head) else { throw .notDatabase }
        }
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes[start...].withUnsafeBytes {
                unsafe CLinux.write(part.descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, linux_errno() == EINTR { continue }
            guard written > 0 else { throw failure("write") }
            start += written
        }
        part.digest.add(bytes)
        part.count += bytes.count
        parts[number] = part
    }

    /// Ends a file, which is on the disk under its name when this returns.
    package func finish(_ number: UInt64) throws(UploadError) -> Upload {
        guard let part = parts[number] else { throw .failed("the file was given up") }
        guard part.count >= Self.smallest else { throw .notDatabase }
        let id = Self.random() + part.digest.text
        // A database that had a write-ahead log is read as it is without it.
        if try Self.byte(18, of: part) == 2 { try Self.write([1, 1], at: 18, of: part) }
        guard fsync(part.descriptor) == 0 else { throw failure("fsync") }
        guard unsafe rename(part.path, "\(path)/\(id)") == 0, unsafe linux_sync_folder(path) == 0
        else {
            throw failure("rename")
        }
        close(part.descriptor)
        parts[number] = nil
        return Upload(
            id: id, bytes: part.count, expires: Self.changed("\(path)/\(id)") + Self.age)
    }

    /// Gives a file up that has not come whole.
    package func discard(_ number: UInt64) {
        guard let part = parts.removeValue(forKey: number) else { return }
        close(part.descriptor)
        unsafe unlink(part.path)
    }

    // MARK: Files that are whole

    /// Returns the path of a file; `nil` when there is none.
    ///
    /// It asks the disk, and so is for threads that may wait for it.
    package nonisolated func find(_ id: String) -> String? {
        guard Self.isID(id) else { return nil }
        let file = "\(path)/\(id)"
        return Self.changed(file) > 0 ? file : nil
    }

    /// Returns the path of a file that is to be read, and keeps it for another day from now.
    package func open(_ id: String) -> String? {
        guard let file = find(id) else { return nil }
        unsafe utimensat(AT_FDCWD, file, nil, 0)
        return file
    }

    /// Removes the files that are older than a day.
    ///
    /// - Parameter now: milliseconds since 1970.
    package func prune(at now: Int64) {
        for file in files() where file.changed + Self.age <= now {
            unsafe unlink("\(path)/\(file.name)")
        }
    }

    /// Whether a text may be the id of a file.
    package static func isID(_ text: String) -> Bool {
        text.utf8.count == 96
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Returns the SHA-256 of a file's bytes, as its id has it, in hexadecimal.
    package static func digest(of id: String) -> String { String(id.suffix(64)) }

    private func files() -> [(name: String, bytes: Int, changed: Int64)] {
        Self.names(in: path).compactMap { name in
            var changed: Int64 = 0
            let size = unsafe linux_file_size("\(path)/\(name)", &changed)
            return Self.isID(name) && size >= 0 ? (name, Int(size), changed) : nil
        }
    }

    private static func changed(_ file: String) -> Int64 {
        var changed: Int64 = 0
        return unsafe linux_file_size(file, &changed) < 0 ? 0 : changed
    }

    private static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                    unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                        unsafe String(cString: $0)
                    }
                })
        }
        return names
    }

    private static func random() -> String {
        var numbers = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let text = String(numbers.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    private static func byte(_ offset: Int, of part: Part) throws(UploadError) -> UInt8 {
        var byte: UInt8 = 0
        guard unsafe pread(part.descriptor, &byte, 1, off_t(offset)) == 1 else {
            throw .failed("it cannot be read back")
        }
        return byte
    }

    private static func write(
        _ bytes: [UInt8], at offset: Int, of part: Part
    ) throws(UploadError) {
        guard unsafe pwrite(part.descriptor, bytes, bytes.count, off_t(offset)) == bytes.count
        else { throw .failed("it cannot be written") }
    }

    private func failure(_ call: String) -> UploadError {
        let code = linux_errno()
        return code == ENOSPC || code == EDQUOT
            ? .full : .failed(Errno(code: code, call: call).description)
    }
}

/// A SHA-256 of bytes that come in pieces.
@safe private final class Digest {
    private let context: OpaquePointer?

    init() {
        unsafe context = EVP_MD_CTX_new()
        unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes {
            unsafe _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
    }

    /// The digest in hexadecimal; to be asked for once.
    var text: String {
        var hash = [UInt8](repeating: 0, count: 32)
        unsafe EVP_DigestFinal_ex(context, &hash, nil)
        return hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
