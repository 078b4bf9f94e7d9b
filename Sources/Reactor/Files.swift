// Reading whole files and folders, at the start and before anything is served. Only regular files
// are read: a named pipe, a device or a socket may have no end, or make the reader wait for ever.

internal import CLinux

/// Reading whole files and folders.
package enum Files {
    package struct File: Sendable {
        /// Relative to the folder, with slashes.
        package let path: String
        package let bytes: [UInt8]
    }

    /// The files that were read in a folder, and those that were left out.
    package struct Folder: Sendable {
        /// Sorted by path.
        package internal(set) var files: [File] = []
        /// Paths that were not read, with the reason, sorted by path.
        package internal(set) var leftOut: [(path: String, reason: String)] = []
    }

    /// The reason why a file is not read.
    package enum Failure: Error, CustomStringConvertible {
        case errno(Errno)
        case notRegular(path: String, what: String)
        /// It has more than the bytes that were allowed.
        case tooLarge(path: String)

        package var description: String {
            switch self {
            case .errno(let errno): "\(errno)"
            case .notRegular(let path, let what): "\(path) is \(what) and no regular file"
            case .tooLarge(let path): "\(path) is too large"
            }
        }
    }

    /// Reads a whole regular file; links are followed.
    ///
    /// - Throws: `Failure` when it is no regular file, cannot be read, or has more than `limit`
    ///   bytes.
    package static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        // Checked before it is opened: opening a named pipe lets its writer go on, and opening a
        // device may do anything.
        try checkIsRegular(path, unsafe linux_file_type(path))
        let descriptor = unsafe linux_open_to_read(path)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        defer { close(descriptor) }
        try checkIsRegular(path, linux_open_file_type(descriptor))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe CLinux.read(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw failure("read \(path)") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw .tooLarge(path: path) }
        }
    }

    /// Reads all regular files of a folder and of the folders in it.
    ///
    /// Names that begin with a dot are skipped. Other files than regular ones are left out, and so
    /// are links that lead nowhere, out of the folder, or to a folder that they are in.
    ///
    /// - Throws: `Failure` when something cannot be read, or all together have more than `limit`
    ///   bytes.
    package static func readAll(in directory: String, limit: Int) throws(Failure) -> Folder {
        var reader = FolderReader(root: try realPath(directory), left: limit)
        try reader.collect(directory, prefix: "")
        reader.folder.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        reader.folder.leftOut.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return reader.folder
    }

    private static func checkIsRegular(_ path: String, _ type: Int32) throws(Failure) {
        guard type >= 0 else { throw failure("open \(path)") }
        if let what = kind(ofType: type) { throw .notRegular(path: path, what: what) }
    }

    fileprivate static func failure(_ call: String) -> Failure {
        .errno(Errno(code: linux_errno(), call: call))
    }

    /// Returns what kind of file it is, for a message; `nil` for a regular file (inode(7)).
    fileprivate static func kind(ofType type: Int32) -> String? {
        switch type {
        case S_IFREG: nil
        case S_IFDIR: "a folder"
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "something else"
        }
    }

    /// Returns the path with all links resolved (realpath(3)).
    fileprivate static func realPath(_ path: String) throws(Failure) -> String {
        guard let real = unsafe realpath(path, nil) else { throw failure("open \(path)") }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    fileprivate static func names(in directory: String) throws(Failure) -> [String] {
        guard let handle = unsafe opendir(directory) else { throw failure("open \(directory)") }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

/// The state of one walk through a folder.
private struct FolderReader {
    /// The path of the folder to read, with all links resolved.
    let root: String
    /// Bytes that may still be read.
    var left: Int
    var folder = Files.Folder()
    /// The folders from the root to the one being read, with links resolved: a link to one of them
    /// would be followed without end.
    private var above: [String] = []

    init(root: String, left: Int) {
        self.root = root
        self.left = left
    }

    mutating func collect(_ directory: String, prefix: String) throws(Files.Failure) {
        above.append(try Files.realPath(directory))
        defer { above.removeLast() }
        for name in try Files.names(in: directory) {
            let path = "\(directory)/\(name)"
            let shown = prefix + name
            let type = unsafe linux_file_type(path)
            guard type >= 0 else {
                folder.leftOut.append((shown, "it leads nowhere"))
                continue
            }
            let real = try Files.realPath(path)
            guard real.utf8.starts(with: "\(root)/".utf8) || real.utf8.elementsEqual(root.utf8)
            else {
                folder.leftOut.append((shown, "it leads out of the folder"))
                continue
            }
            if type == S_IFDIR {
                guard !above.contains(real) else {
                    folder.leftOut.append((shown, "it leads to a folder that it is in"))
                    continue
                }
                try collect(path, prefix: "\(shown)/")
            } else if let what = Files.kind(ofType: type) {
                folder.leftOut.append((shown, "it is \(what)"))
            } else {
                let bytes = try Files.read(path, limit: left)
                left -= bytes.count
                folder.files.append(Files.File(path: shown, bytes: bytes))
            }
        }
    }
}
