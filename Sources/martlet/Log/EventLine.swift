internal import JSON
internal import Records
internal import Storage
internal import Telemetry
internal import Verbs

/// The forms in which events are written, one on a line.
enum EventLine {
    /// Returns an event as an object, as `GET /poll` gives it.
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

    /// Returns an event as an object that `martlet log import` takes.
    ///
    /// The members that POST /broadcast does not take stand first, so that they are easily cut off.
    static func export(_ exported: ExportedEvent, epoch: String) -> [UInt8] {
        let record = exported.record
        var json = JSONWriter()
        json.beginObject()
        json.member("id", "\(epoch)-\(record.sequence)")
        json.member("at", Timestamp(milliseconds: record.at).description)
        json.member("resources", record.resources)
        json.member("event", record.name)
        if let resources = exported.stateOf {
            json.member("retain", resources)
        } else if exported.isRetained {
            json.member("retain", true)
        }
        if exported.isRetained, let expiry = record.expiresAt {
            json.member("ttl", Double(expiry - record.at) / 1000)
        }
        if let resources = exported.endOf {
            json.member("end", resources)
        } else if exported.isEnd {
            json.member("end", true)
        }
        if let key = record.coalesceKey { json.member("coalesce", key) }
        if let key = exported.key { json.member("key", key) }
        json.member("data", json: record.data)
        json.endObject()
        return json.bytes + [10]
    }

    /// Returns a line that `martlet log import` takes, for a resource that had ended with an event
    /// which the log does not have any more.
    static func ended(_ resource: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("ended", [resource])
        json.endObject()
        return json.bytes + [10]
    }

    /// Returns an event as a line for people, of at most `width` columns.
    static func text(_ record: EventRecord, epoch: String, width: Int?) -> [UInt8] {
        let at = Timestamp(milliseconds: record.at)
        let head = "\(at)  \(epoch)-\(record.sequence)  \(record.name)  "
        let line =
            Array(head.utf8) + Array(record.resources.joined(separator: ",").utf8)
            + [32, 32] + record.data
        return TerminalText.shown(line, width: width) + [10]
    }
}
