import Glibc

/// A directory of its own for one test; it goes with the last reference, and with it the files in
/// it.
public final class Folder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes an empty one.
    public init() {
        var template = Array("/tmp/martlet-test.XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            preconditionFailure("no temporary directory")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let directory = unsafe opendir(path) {
            while let entry = unsafe readdir(directory) {
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                        _ = unsafe unlink(path + "/" + String(cString: $0))
                    }
                }
            }
            unsafe closedir(directory)
        }
        unsafe rmdir(path)
    }
}
