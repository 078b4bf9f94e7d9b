internal import Hub
internal import Reactor
internal import Records

/// Announces the reports of workers outside, a few times a second for each job.
final class WorkerReports: Sendable {
    private let broker: Broker
    private let board: JobBoard
    private let gate: Lock<ReportGate>

    init(broker: Broker, board: JobBoard, interval: Int) {
        self.broker = broker
        self.board = board
        gate = Lock(ReportGate(interval: interval))
    }

    /// Whether a report is to be announced in the transaction that writes it.
    ///
    /// That transaction asks. If the answer is no, the report is announced later.
    func isAnnounced(_ job: String, lease: String) -> Bool {
        switch gate.withLock({ $0.report(job, lease: lease, at: .now()) }) {
        case .now: return true
        case .gathered: return false
        case .later(let time):
            Task { await announce(job, lease: lease, at: time) }
            return false
        }
    }

    /// Announces all held reports at once, when the hub stops.
    func announceAll() async {
        for (job, lease) in gate.withLock(\.gathered) { _ = await announceNow(job, lease: lease) }
    }

    private func announce(_ job: String, lease: String, at time: Instant) async {
        var wait = max(0, time.since(.now()))
        repeat {
            do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
            if await announceNow(job, lease: lease) { return }
            // The store is unavailable. The row is announced when it is back.
            wait = 1000
        } while !board.isClosed
    }

    /// Announces the job's row, if a report is still held.
    ///
    /// - Returns: `false` when the store was unavailable.
    private func announceNow(_ job: String, lease: String) async -> Bool {
        do throws(LogUnavailable) {
            try await broker.write(AnnounceReport(job: job, lease: lease, reports: self))
            return true
        } catch {
            gate.withLock { $0.putBack(job, lease: lease) }
            return false
        }
    }
    /// Takes a held report, which counts as announced now.
    ///
    /// - Returns: whether there was one.
    func takeGathered(_ job: String, lease: String) -> Bool {
        gate.withLock { $0.takeGathered(job, lease: lease, at: .now()) }
    }
}

/// Announces a job's row after a worker's last report.
private struct AnnounceReport: StoreChange {
    let job: String
    let lease: String
    let reports: WorkerReports

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        // A job that ended or was given to another worker meanwhile was announced when that
        // happened.
        guard reports.takeGathered(job, lease: lease), let row = try records.jobs.find(job),
            row.isHeld(by: lease)
        else { return }
        events.append(.jobUpdate(row))
    }
}
