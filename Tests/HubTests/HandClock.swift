import Reactor
import Telemetry

@testable import Hub

/// The machine's clocks as the test moves them; milliseconds.
final class HandClock: Sendable {
    private let reading: Lock<LogClock.Reading> = Lock((wall: 1_000_000_000, elapsed: 5_000))

    /// Lets time pass.
    func advance(_ milliseconds: Int64) {
        reading.withLock {
            $0.wall += milliseconds
            $0.elapsed += milliseconds
        }
    }

    /// Puts the wall clock elsewhere, while no time passes.
    func jump(_ milliseconds: Int64) {
        reading.withLock { $0.wall += milliseconds }
    }

    /// A log in memory that goes by these clocks.
    func log(age: Int64?) -> MemoryLog {
        MemoryLog(
            epoch: epoch, age: age,
            clock: LogClock(
                reading: { self.reading.withLock { $0 } },
                logger: Log(level: .error, descriptor: -1)))
    }
}

extension Timestamp {
    init(_ milliseconds: Int64) {
        self.init(milliseconds: milliseconds)
    }
}
