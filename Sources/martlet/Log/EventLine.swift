internal import JSON
internal import Records
internal import Storage
internal import Telemetry

/// The forms in which events are shown.
enum EventLine {
    /// An object as `GET /poll` gives it.
    static func json(_ record: EventRecord, epoch: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("id", "\(epoch)-\(record.sequence)")
        json.member("event", record.name)
        json.member("resources", record.resources)
        json.member("at", Timestamp(milliseconds: record.at).description)
        json.member("data", json: record.data)
        json.endObject()
        return json.bytes + [10]
    }

    /// An object as `martlet log import` takes it.
    ///
    /// What POST /broadcast does not take stands first, so that it is easily cut off.
    static func export(_ exported: ExportedEvent, epoch: String) -> [UInt8] {
        let record = exported.record
        var json = JSONWriter()
        json.beginObject()
        json.member("id", "\(epoch)-\(record.sequence)")
        json.member("at", Timestamp(milliseconds: record.at).description)
        json.member("resources", record.resources)
        json.member("event", record.name)
        if exported.isRetained { json.member("retain", true) }
        if let key = record.coalesceKey { json.member("coalesce", key) }
        if let key = exported.key { json.member("key", key) }
        json.member("data", json: record.data)
        json.endObject()
        return json.bytes + [10]
    }

    /// A line for people, of at most `width` columns.
    static func text(_ record: EventRecord, epoch: String, width: Int?) -> [UInt8] {
        let at = Timestamp(milliseconds: record.at)
        let head = "\(at)  \(epoch)-\(record.sequence)  \(record.name)  "
        let line =
            Array(head.utf8) + Array(record.resources.joined(separator: ",").utf8)
            + [32, 32] + record.data
        return TerminalText.shown(line, width: width) + [10]
    }
}
