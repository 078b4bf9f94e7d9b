import Glibc
import Telemetry

@testable import Hub

/// A directory of its own for one test; it goes with the last reference.
final class StoreFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/martlet-jobs.XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            preconditionFailure("no temporary directory")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A broker whose log is in the directory.
    func open() throws -> Broker {
        let tail = LogTailLimits(count: 1_000, bytes: 1 << 20)
        return Broker(
            log: try DurableLog(
                directory: path, durability: .memory,
                retention: LogRetention(age: 1 << 50, count: .max, bytes: .max), tail: tail,
                log: Log(level: .error, descriptor: -1)), tail: tail)
    }

    deinit {
        for name in ["martlet.db", "martlet.db-wal", "martlet.db-shm", "martlet.lock"] {
            unsafe unlink(path + "/" + name)
        }
        unsafe rmdir(path)
    }
}
