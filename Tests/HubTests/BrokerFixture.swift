import HubTestSupport
import Records
import Storage
import Telemetry
import TestSupport

@testable import Hub

/// Where a log lives: what it promises is the same.
enum LogHome: CaseIterable, Sendable {
    case memory, file
}

/// A broker with a log of either home.
struct BrokerFixture: Sendable {
    let broker: Broker
    let folder: Folder

    init(
        _ home: LogHome, tail count: Int = 1_000, folder: Folder = Folder()
    ) throws {
        self.folder = folder
        let tail = LogTailLimits(count: count, bytes: 1 << 20)
        switch home {
        case .memory: broker = Broker(tail: tail)
        case .file:
            broker = Broker(
                over: try DurableLog(
                    directory: folder.path, durability: .off,
                    retention: LogRetention(age: 1 << 50, count: .max, bytes: .max), tail: tail,
                    logger: Log(level: .error, descriptor: -1)), tail: tail)
        }
    }

    func close() async {
        await broker.close()
    }

    @discardableResult
    func insert(_ id: String) async throws -> JobRecord {
        try await broker.write { records throws(LogUnavailable) in
            let job = try records.jobs.insert(
                NewJob(kind: "post", input: [1]), id: id, at: records.now)
            return (job, [Publication("job:\(id)")])
        }
    }

    /// Why a change was refused; `nil` when it was not.
    func refusal(
        _ change: @escaping @Sendable (any RecordStore) throws(LogUnavailable) -> Void
    ) async -> LogUnavailable? {
        do throws(LogUnavailable) {
            try await broker.write { records throws(LogUnavailable) in
                try change(records)
                return ((), [Publication("lost:1")])
            }
            return nil
        } catch {
            return error
        }
    }
}
