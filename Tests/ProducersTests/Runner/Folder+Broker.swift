import Storage
import Telemetry
import TestSupport

@testable import Hub

extension Folder {
    /// A broker whose log is in the directory.
    func open() throws -> Broker {
        let tail = LogTailLimits(count: 1_000, bytes: 1 << 20)
        return Broker(
            over: try DurableLog(
                directory: path, durability: .off,
                retention: LogRetention(age: 1 << 50, count: .max, bytes: .max), tail: tail,
                logger: Log(level: .error, descriptor: -1)), tail: tail)
    }
}
