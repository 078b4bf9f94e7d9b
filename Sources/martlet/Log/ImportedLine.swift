// The rules are those of POST /broadcast. Besides, a line may have what an export writes: the id, which is not
// kept since a log has one order, and the time.

internal import Hub
internal import JSON
internal import Storage
internal import Telemetry

/// Reads an event from a line of NDJSON.
struct ImportedLine {
    /// Why a line is refused.
    struct Fault: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// An event that some hub may have taken is taken back, whatever --event-bytes that hub had.
    private static let maximumData = EventLimits.data.upperBound
    /// The kind of the resources that are the hub's own.
    private static let ownKind = "presence"

    private var seen: Set<String> = []
    private var resources: [Resource]?
    private var data: [UInt8]?
    private var name = EventName.message
    private var isRetained = false
    private var isTransient = false
    private var coalesceKey: String?
    private var key: String?
    private var at: Int64?

    /// The event in `text[range]`; `nil` for an empty line.
    static func read(_ text: [UInt8], in range: Range<Int>) throws(Fault) -> RestoredEvent? {
        if text[range].allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { return nil }
        var line = Self()
        var json = JSONReader(text, in: range)
        do throws(JSONError) {
            try json.beginObject()
        } catch {
            throw Fault(json: error, from: range.lowerBound)
        }
        while true {
            let field: String?
            do throws(JSONError) { field = try json.nextKey() } catch {
                throw Fault(json: error, from: range.lowerBound)
            }
            guard let field else { break }
            guard line.seen.insert(field).inserted else {
                throw Fault("\(field) is given twice.")
            }
            do {
                try line.read(field, from: &json)
            } catch let error as JSONError {
                throw Fault(json: error, in: field, from: range.lowerBound)
            } catch let error as Fault {
                throw error
            } catch {
                throw Fault("\(field): \(error)")
            }
        }
        do throws(JSONError) { try json.finish() } catch {
            throw Fault(json: error, from: range.lowerBound)
        }
        return try line.event()
    }

    private mutating func read(_ field: String, from json: inout JSONReader) throws {
        switch field {
        case "id":
            let text = try json.readString()
            guard EventID(text) != nil else { throw Fault("id is no event's id: \(text)") }
        case "at":
            let text = try json.readString()
            guard let time = Timestamp(text) else {
                throw Fault("at is no time such as 2026-11-21T05:45:29.119Z: \(text)")
            }
            at = time.milliseconds
        case "resource": resources = try Self.list([try json.readString()])
        case "resources":
            var names: [String] = []
            try json.beginArray()
            while try json.nextElement() { names.append(try json.readString()) }
            resources = try Self.list(names)
        case "event":
            let text = try json.readString()
            if let reservation = EventName.reservation(of: text) {
                throw Fault("event: \(reservation)")
            }
            name = try EventName(text)
        case "data":
            var value: [UInt8] = []
            try json.copyValue(into: &value)
            guard value.count <= Self.maximumData else {
                throw Fault("data has \(value.count) bytes; at most \(Self.maximumData) are kept.")
            }
            data = value
        case "retain": isRetained = try json.readBoolean()
        case "transient": isTransient = try json.readBoolean()
        case "coalesce": coalesceKey = try Self.key(try json.readString(), field)
        case "key": key = try Self.key(try json.readString(), field)
        default:
            throw Fault(
                "\(field) is no field of an event; there are id, at, resource or resources, event, "
                    + "data, retain, coalesce and key.")
        }
    }

    private static func list(_ names: [String]) throws -> [Resource] {
        var list: [Resource] = []
        var seen: Set<Resource> = []
        for name in names {
            guard case .resource(let resource) = try Selector(name) else {
                throw Fault("\(name) is a pattern; events go to resources.")
            }
            guard resource.kind != ownKind else { throw Fault("\(name) is the hub's own.") }
            if seen.insert(resource).inserted { list.append(resource) }
        }
        guard (1...EventLimits.maximumResources).contains(list.count) else {
            throw Fault(
                "resources has \(list.count) names; an event has 1 to "
                    + "\(EventLimits.maximumResources).")
        }
        return list
    }

    private static func key(_ text: String, _ field: String) throws(Fault) -> String {
        guard (1...EventLimits.maximumKey).contains(text.utf8.count) else {
            throw Fault("\(field) has 1 to \(EventLimits.maximumKey) bytes.")
        }
        return text
    }

    private func event() throws(Fault) -> RestoredEvent {
        if seen.contains("resource"), seen.contains("resources") {
            throw Fault("an event has resource or resources, not both.")
        }
        guard let resources else { throw Fault("resource is missing.") }
        guard let data else { throw Fault("data is missing; it is any JSON value.") }
        guard !isTransient else {
            throw Fault("transient events are not kept; this one can only be published.")
        }
        return RestoredEvent(
            NewEvent(
                name: name.description, resources: resources.map(\.name), data: data,
                isRetained: isRetained, coalesceKey: coalesceKey, key: key), at: at)
    }
}

extension ImportedLine.Fault {
    /// A fault of the text, with the place counted from the line's start.
    fileprivate init(json error: JSONError, in field: String? = nil, from start: Int) {
        let place = JSONError(offset: error.offset - start, kind: error.kind)
        self.init((field.map { "\($0): " } ?? "") + place.description)
    }
}
