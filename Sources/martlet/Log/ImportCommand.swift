internal import Configuration
internal import JSON
internal import Reactor
internal import Records
internal import Storage
internal import Telemetry

/// `martlet log import`: appends events to a log that no hub runs on.
struct ImportCommand {
    /// The largest number of events in one transaction, and that of the bytes of their data.
    private static let batchEvents = 1000
    private static let batchBytes = 4 << 20

    private let command: LogCommand

    init(_ command: LogCommand) {
        self.command = command
    }

    func run() throws {
        if !command.makesStore {
            let path = try StoreFiles(at: command.directory).path
            guard path != command.directory else {
                throw LogUsageError(
                    description: "--data must be the folder of the store, not its file '\(path)'.")
            }
        }
        let lines = try InputLines(command.input)
        let store = try open()
        defer { store.close() }
        Interruption.note()
        var tally = Tally()
        let progress = Progress()
        do {
            try importAll(lines, into: store, &tally, progress)
        } catch {
            progress.clear()
            Process.printError(tally.text(store.epoch, isWhole: false))
            throw error
        }
        progress.clear()
        Process.printError(tally.text(store.epoch, isWhole: true))
    }

    private func open() throws -> EventStore {
        do throws(LogUnavailable) {
            let store = try EventStore.open(directory: command.directory, synchronous: .full)
            if let loss = store.loss {
                Process.printError(
                    "martlet: what was acknowledged may be lost, so the log has a new epoch: "
                        + "\(loss.description)")
            }
            return store
        } catch {
            // An error without a code of SQLite's is about the lock on the store itself.
            guard error.kind == .busy, error.code == 0 else { throw error }
            throw ImportRefused(directory: command.directory)
        }
    }

    private func importAll(
        _ lines: InputLines, into store: EventStore, _ tally: inout Tally, _ progress: Progress
    ) throws {
        var batch: [RestoredPart] = []
        var size = 0
        var number = 0
        func commit() throws(LogUnavailable) {
            guard !batch.isEmpty else { return }
            tally.add(try store.restore(batch, now: Timestamp.now.milliseconds))
            if store.isCheckpointDue { store.checkpoint() }
            progress.show("Imported \(tally.stored) events")
            batch.removeAll(keepingCapacity: true)
            size = 0
        }
        do {
            while let line = try lines.next() {
                number += 1
                guard let part = try ImportedLine.read(lines.bytes, in: line) else { continue }
                batch.append(part)
                if case .event(let restored) = part { size += restored.event.data.count }
                if batch.count == Self.batchEvents || size >= Self.batchBytes {
                    try commit()
                    try Interruption.check()
                }
            }
        } catch let error as InputError {
            try commit()
            throw LineError(name: lines.name, number: number, reason: error.description)
        } catch is LineTooLong {
            try commit()
            throw LineError(
                name: lines.name, number: number + 1, reason: "it is longer than any event")
        }
        try commit()
    }

    /// The numbers of events that were stored and left out.
    private struct Tally {
        private(set) var stored = 0
        private var repeated = 0
        private var first: UInt64 = 0
        private var last: UInt64 = 0

        mutating func add(_ placements: [EventPlacement]) {
            for placement in placements {
                guard case .stored(let sequence) = placement else {
                    repeated += 1
                    continue
                }
                if stored == 0 { first = sequence }
                stored += 1
                last = sequence
            }
        }

        func text(_ epoch: String, isWhole: Bool) -> String {
            let range = stored > 0 ? ", \(epoch)-\(first) to \(epoch)-\(last)" : ""
            let stand = isWhole ? "" : "; what is imported stands"
            let known =
                repeated > 0
                ? " \(repeated) \(repeated == 1 ? "was" : "were") known by key and left out." : ""
            return "Imported \(stored.counted("event"))\(range)\(stand).\(known)"
        }
    }
}

/// The error that a line cannot be imported.
struct LineError: Error, CustomStringConvertible {
    let name: String
    let number: Int
    let reason: String

    var description: String { "\(name), line \(number): \(reason)" }
}

/// The error that a hub runs on the store.
struct ImportRefused: Error, CustomStringConvertible {
    let directory: String

    var description: String {
        "a hub is running on \(directory); stop it, or post the lines, without id and at, to its "
            + "/broadcast."
    }
}
