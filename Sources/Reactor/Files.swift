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

    /// What a folder holds for its reader.
    package struct Folder: Sendable {
        /// Sorted by path.
        package internal(set) var files: [File] = []
        /// What is not read, with the reason, sorted by path.
        package internal(set) var leftOut: [(path: String, reason: String)] = []
    }

    /// Why a file is not read.
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

    /// All that a regular file holds; links are followed.
    ///
    /// - Throws: `Failure` when it is no regular file, cannot be read, or has more than `limit`
    ///   bytes.
    package static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        // Opening a named pipe for reading lets its writer go on; a device may do anything.
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

    /// All regular files of a folder and of those in it.
    ///
    /// Names that begin with a dot are not looked at. What is no regular file, and links that lead
    /// out of the folder or nowhere, are left out.
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

    /// What a file that is not regular is; `nil` for a regular one (inode(7)).
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

    /// The path without links (realpath(3)).
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

/// One walk through a folder.
private struct FolderReader {
    /// Without links.
    let root: String
    /// Bytes that may still be read.
    var left: Int
    var folder = Files.Folder()
    /// The folders between the root and the one that is walked, without links: a link back to one
    /// has no end.
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
