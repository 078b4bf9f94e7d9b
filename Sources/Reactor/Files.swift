internal import CLinux

/// Reading whole files and folders, at the start and before anything is served.
package enum Files {
    package struct File: Sendable {
        /// Relative to the folder, with slashes.
        package let path: String
        package let bytes: [UInt8]
    }

    /// All that a file holds.
    ///
    /// - Throws: `Errno` when it cannot be read, or has more than `limit` bytes (`EFBIG`).
    package static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
        let descriptor = unsafe linux_open_to_read(path)
        guard descriptor >= 0 else { throw Errno(code: linux_errno(), call: "open \(path)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe CLinux.read(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw Errno(code: linux_errno(), call: "read \(path)") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Errno(code: EFBIG, call: "read \(path)") }
        }
    }

    /// All files of a folder and of those in it, sorted by path; names that begin with a dot are left out.
    ///
    /// - Throws: `Errno` when something cannot be read, or all together have more than `limit` bytes (`EFBIG`).
    package static func readAll(in directory: String, limit: Int) throws(Errno) -> [File] {
        var files: [File] = []
        var left = limit
        try collect(directory, prefix: "", into: &files, left: &left)
        return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private static func collect(
        _ directory: String, prefix: String, into files: inout [File], left: inout Int
    ) throws(Errno) {
        for name in try names(in: directory) {
            let path = "\(directory)/\(name)"
            let isDirectory = unsafe linux_is_directory(path)
            guard isDirectory >= 0 else { throw Errno(code: linux_errno(), call: "stat \(path)") }
            if isDirectory == 1 {
                try collect(path, prefix: "\(prefix)\(name)/", into: &files, left: &left)
            } else {
                let bytes = try read(path, limit: left)
                left -= bytes.count
                files.append(File(path: prefix + name, bytes: bytes))
            }
        }
    }

    private static func names(in directory: String) throws(Errno) -> [String] {
        guard let handle = unsafe opendir(directory) else {
            throw Errno(code: linux_errno(), call: "open \(directory)")
        }
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
