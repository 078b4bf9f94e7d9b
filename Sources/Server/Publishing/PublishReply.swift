internal import Hub
internal import JSON

/// The form of the answer that a publisher gets once its events are in the log.
enum PublishReply {
    case event
    case array
    case lines(LineIngest)

    var isArray: Bool { if case .array = self { true } else { false } }

    /// Appends the answer to an event or an array.
    func append(_ ids: PublishedIDs, to json: inout [UInt8]) {
        if isArray { Self.appendArray(ids, to: &json) } else { Self.appendEvent(ids, to: &json) }
    }

    private static func appendEvent(_ ids: PublishedIDs, to json: inout [UInt8]) {
        json.append(literal: "{\"id\":")
        append(ids[0], to: &json)
        json.append(literal: "}")
    }

    private static func appendArray(_ ids: PublishedIDs, to json: inout [UInt8]) {
        json.append(literal: "{\"ids\":[")
        for (index, id) in ids.enumerated() {
            if index > 0 { json.append(literal: ",") }
            append(id, to: &json)
        }
        json.append(literal: "]}")
    }

    static func append(_ ingest: LineIngest, to json: inout [UInt8]) {
        json.append(literal: "{\"published\":")
        json.append(decimal: UInt64(ingest.published))
        json.append(literal: "}")
    }

    /// Appends an id, none of whose characters needs an escape in JSON.
    private static func append(_ id: EventID?, to json: inout [UInt8]) {
        guard let id else { return json.append(literal: "null") }
        json.append(literal: "\"")
        id.append(to: &json)
        json.append(literal: "\"")
    }
}
