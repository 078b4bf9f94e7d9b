internal import Hub
internal import Reactor
internal import Storage

/// Tells what workers outside report, a few times a second for each job.
final class WorkerReports: Sendable {
    private let broker: Broker
    private let board: JobBoard
    private let gate: Lock<ReportGate>

    init(broker: Broker, board: JobBoard, interval: Int) {
        self.broker = broker
        self.board = board
        gate = Lock(ReportGate(interval: interval))
    }

    /// Whether a report is told in the transaction that writes it, and that asks; otherwise it will
    /// be.
    func isTold(_ job: String, lease: String) -> Bool {
        switch gate.withLock({ $0.report(job, lease: lease, at: .now()) }) {
        case .now: return true
        case .gathered: return false
        case .later(let time):
            Task { await tell(job, lease: lease, at: time) }
            return false
        }
    }

    /// Tells at once what is gathered: the hub stops.
    func tellAll() async {
        for (job, lease) in gate.withLock(\.gathered) { _ = await tellNow(job, lease: lease) }
    }

    private func tell(_ job: String, lease: String, at time: Instant) async {
        var wait = max(0, time.since(.now()))
        repeat {
            do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
            if await tellNow(job, lease: lease) { return }
            // The store is away; what the row says is told when it is back.
            wait = 1000
        } while !board.isClosed
    }

    /// Tells what the row says; `false` when the store could not be asked.
    private func tellNow(_ job: String, lease: String) async -> Bool {
        do throws(LogUnavailable) {
            try await broker.write {
                [gate] records throws(StoreError) -> (Void, [Publication]) in
                // What ended or changed hands meanwhile was told as it did.
                guard gate.withLock({ $0.takeGathered(job, lease: lease, at: .now()) }),
                    let row = try records.jobs.find(job), row.isHeld(by: lease)
                else { return ((), []) }
                return ((), [.jobUpdate(row)])
            }
            return true
        } catch {
            gate.withLock { $0.putBack(job, lease: lease) }
            return false
        }
    }
}
