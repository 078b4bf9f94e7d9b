internal import Configuration
internal import JSON
internal import Records
internal import Storage
internal import Telemetry

/// `martlet log info`: says what a store holds.
struct InfoCommand {
    private let command: LogCommand

    init(_ command: LogCommand) {
        self.command = command
    }

    func run() throws {
        let file = try LogFile(at: command.directory)
        defer { file.close() }
        let figures = try file.figures()
        let output = Output()
        try output.writeLine(command.isJSON ? json(file, figures) : text(file, figures))
        try output.flush()
    }

    private func text(_ file: LogFile, _ figures: LogFigures) -> String {
        let count = figures.head + 1 - figures.oldest
        let rows: [(String, String)] = [
            ("file", file.files.path),
            (
                "size",
                "\(Self.size(file.files.size)) + \(Self.size(file.files.walSize)) write-ahead log"
            ),
            ("format", "\(file.version)"),
            ("hub", file.files.isHeld ? "running" : "not running"),
            ("epoch", figures.epoch),
            ("events", "\(count)"),
            ("oldest", event(figures, figures.oldest, figures.oldestTime)),
            ("newest", event(figures, figures.head, figures.newestTime)),
            ("cursor", "\(figures.epoch)-\(figures.head)"),
            ("resources", "\(figures.resourceCount) of \(figures.kindCount.counted("kind"))"),
            ("retained", "\(figures.retainedCount)"),
            ("keys", "\(figures.keyCount)"),
        ]
        return rows.map { name, value in
            name + String(repeating: " ", count: 11 - name.count) + value
        }.joined(separator: "\n")
    }

    private func event(_ figures: LogFigures, _ sequence: UInt64, _ time: Int64?) -> String {
        guard let time else { return "none" }
        return "\(figures.epoch)-\(sequence)  \(Timestamp(milliseconds: time))"
    }

    private func json(_ file: LogFile, _ figures: LogFigures) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("file", file.files.path)
        json.member("hub_running", file.files.isHeld)
        json.member("epoch", figures.epoch)
        json.member("cursor", "\(figures.epoch)-\(figures.head)")
        let isEmpty = figures.oldestTime == nil
        let numbers: [(String, Int64?)] = [
            ("database_bytes", file.files.size),
            ("wal_bytes", file.files.walSize),
            ("schema_version", Int64(file.version)),
            ("first", isEmpty ? nil : Int64(figures.oldest)),
            ("last", isEmpty ? nil : Int64(figures.head)),
            ("events", Int64(figures.head + 1 - figures.oldest)),
            ("resources", figures.resourceCount),
            ("kinds", figures.kindCount),
            ("retained", figures.retainedCount),
            ("keys", figures.keyCount),
        ]
        for (name, number) in numbers {
            json.key(name)
            if let number { json.integer(number) } else { json.null() }
        }
        for (name, time) in [
            ("oldest_at", figures.oldestTime), ("newest_at", figures.newestTime),
        ] {
            json.key(name)
            if let time {
                json.string(Timestamp(milliseconds: time).description)
            } else {
                json.null()
            }
        }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Returns a size with one decimal of the largest unit that fits, for example `1.5 MiB`.
    private static func size(_ bytes: Int64) -> String {
        let units = [("GiB", Int64(1) << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        guard let (name, unit) = units.first(where: { bytes >= $0.1 }) else {
            return "\(bytes) bytes"
        }
        let tenths = (bytes * 10 + unit / 2) / unit
        return "\(tenths / 10).\(tenths % 10) \(name)"
    }
}
