internal import Access
internal import Glibc
internal import Reactor

/// The file of API keys, which one command at a time changes and which is replaced as a whole.
enum KeyFile {
    /// Reads the file.
    static func read(_ path: String) throws(CommandFailure) -> APIKeySet {
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(path, limit: APIKeySet.maximumBytes)
        } catch {
            throw CommandFailure(ExitCode.store, "--api-keys-file cannot be read (\(error)).")
        }
        do throws(APIKeySet.Fault) { return try APIKeySet(file: bytes) } catch {
            throw CommandFailure(ExitCode.data, "--api-keys-file \(path): \(error)")
        }
    }

    /// Changes the file; nothing is written when `change` throws.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - makesFile: Whether the file is made, for its owner alone, when it is missing.
    ///   - change: What to change.
    /// - Throws: what `change` throws, and errors of the file.
    static func change(
        _ path: String, makesFile: Bool, _ change: (inout APIKeySet) throws -> Void
    ) throws {
        let lock = try hold(path, makesFile: makesFile)
        defer { close(lock) }
        var keys = try read(path)
        try change(&keys)
        let file = try ReplacedFile(path, isSecret: true)
        do {
            try file.output.write(keys.file)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }

    /// Waits until no other command changes the file (flock(2)).
    ///
    /// - Returns: the descriptor that holds the lock until it is closed.
    private static func hold(_ path: String, makesFile: Bool) throws -> Int32 {
        while true {
            let descriptor = unsafe open(
                path, O_RDWR | O_CLOEXEC | (makesFile ? O_CREAT : 0), 0o600)
            guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
                throw CommandFailure(
                    ExitCode.store,
                    "--api-keys-file cannot be opened (\(SystemError.text(errno))).")
            }
            // Another command may have put a new file in the place of the one that was waited for.
            var held = stat()
            var found = stat()
            if unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &found) == 0,
                held.st_ino == found.st_ino, held.st_dev == found.st_dev
            {
                return descriptor
            }
            close(descriptor)
        }
    }
}
