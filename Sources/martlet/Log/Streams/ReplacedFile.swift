internal import Glibc

/// A file that is replaced as a whole or not at all: it is written under another name beside its
/// place, and then renamed.
struct ReplacedFile {
    let output: Output
    private let path: String
    private let temporary: String
    private let descriptor: Int32

    /// Makes the file under its other name.
    ///
    /// - Throws: `OutputError` when `path` is not an ordinary file, or no file can be made beside
    ///   it.
    /// A file with secrets is for its owner alone; one that is there keeps its owner and mode, so
    /// that a hub of another user can still read it.
    init(_ path: String, isSecret: Bool = false) throws {
        // A symbolic link stays, and the file that it leads to is replaced.
        self.path =
            unsafe realpath(path, nil).map { found in
                defer { unsafe free(found) }
                return unsafe String(cString: found)
            } ?? path
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw OutputError.failed(
                "\(path) is no ordinary file; write to standard output instead")
        }
        temporary = "\(self.path).\(getpid()).partial"
        descriptor = unsafe open(
            temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isSecret ? 0o600 : 0o666)
        guard descriptor >= 0 else {
            throw OutputError.failed("\(path) cannot be written: \(SystemError.text(errno))")
        }
        if isSecret, status.st_mode != 0,
            fchown(descriptor, status.st_uid, status.st_gid) != 0
                || fchmod(descriptor, status.st_mode & 0o777) != 0
        {
            let reason = SystemError.text(errno)
            close(descriptor)
            _ = unsafe unlink(temporary)
            throw OutputError.failed(
                "\(path) cannot keep its owner (\(reason)); run this as its user")
        }
        output = Output(descriptor: descriptor, name: path)
    }

    /// Flushes the file to the disk and then puts it into its place.
    func commit() throws {
        try output.flush()
        guard fsync(descriptor) == 0, unsafe rename(temporary, path) == 0 else {
            throw OutputError.failed("\(path) cannot be written: \(SystemError.text(errno))")
        }
        close(descriptor)
    }

    func discard() {
        close(descriptor)
        _ = unsafe unlink(temporary)
    }
}
