// One contract for an event, whichever way it comes: `POST /broadcast`, a line of NDJSON, a line to
// import.
//
// A line to import that has an `id` counts as written by `martlet log export`. Some hub has
// stored that event, so what is refused to producers is accepted here if a log can have it: the
// hub's own events of activity and, as only later versions refuse them, the names of the events in
// which a browser's EventSource tells of its own connection, and U+0080-009F in the id of a
// resource. A line to import may also have as much data as any hub can be told to take.

package import JSON
internal import Telemetry

/// Reads an event and checks it against the contract.
package struct PublicationReader {
    /// The event of a line to import.
    package struct Imported: Sendable {
        package var publication: Publication
        /// The time of its publication in milliseconds since 1970; `nil` when the line has none.
        package var at: Int64?
        /// The resources of which the event is state, if it is retained; `nil` for all of its own.
        package var stateOf: [Resource]?
        /// The resources that it ends, if it ends any; `nil` for all of its own.
        package var endOf: [Resource]?
        /// Resources that had ended with events that the log does not have any more; a line that
        /// names them has no event.
        package var ended: [Resource] = []
    }

    /// The most bytes of an event's data.
    private let maximumData: Int
    /// What a line to import has besides its event; `nil` for the event of a producer.
    ///
    /// With it, `id` and `at` are fields, too, and what only a log may hold is refused at the end,
    /// and only without an `id`. It lies apart so that the events of producers cost nothing more.
    private let line: ImportLine?
    private var seen = Fields()

    private final class ImportLine {
        /// The reason why nobody may publish this event, although a log may hold it.
        var refusal: InputError?
        var at: Int64?
        var stateOf: [Resource]?
        var endOf: [Resource]?
        var ended: [Resource] = []

        /// Checks that what holds for some resources of the event names no others.
        func checkParts(
            of resources: [Resource], _ input: borrowing InputReader
        ) throws(InputError) {
            for (field, part) in [("retain", stateOf), ("end", endOf)] {
                guard let other = part?.first(where: { !resources.contains($0) }) else { continue }
                throw input.fault("\(other) is no resource of the event.", at: field)
            }
        }
    }

    private init(maximumData: Int, line: ImportLine?) {
        self.maximumData = maximumData
        self.line = line
    }

    private var isImport: Bool { line != nil }

    /// Reads an event as a producer posts it.
    ///
    /// - Throws: an error that names the first rule that the event breaks, or says that the text is
    ///   malformed.
    package static func read(
        _ input: inout InputReader, maximumData: Int
    ) throws(InputError) -> Publication {
        var publication = Publication(resources: [], data: [])
        var reader = Self(maximumData: maximumData, line: nil)
        try reader.read(&publication, from: &input)
        return consume publication
    }

    /// Reads an event as a line to import has it.
    ///
    /// - Throws: an error that names the first rule that the event breaks, or says that the text is
    ///   malformed.
    package static func readImported(_ input: inout InputReader) throws(InputError) -> Imported {
        var publication = Publication(resources: [], data: [])
        let line = ImportLine()
        var reader = Self(maximumData: EventLimits.data.upperBound, line: line)
        try reader.read(&publication, from: &input)
        if let refusal = line.refusal, !reader.seen.contains(.id) { throw refusal }
        guard !publication.isTransient else {
            throw input.fault(
                "transient events are not kept; this one can only be published.", at: "transient")
        }
        return Imported(
            publication: publication, at: line.at, stateOf: line.stateOf, endOf: line.endOf,
            ended: line.ended)
    }

    private mutating func read(
        _ publication: inout Publication, from input: inout InputReader
    ) throws(InputError) {
        guard try input.kind() == .object else {
            throw input.fault("An event is an object as {\"resource\":\"post:1\",\"data\":{}}.")
        }
        try input.beginObject()
        while try input.moveToNextMember() { try readField(of: &publication, from: &input) }
        try checkWhole(publication, input)
    }

    private mutating func readField(
        of publication: inout Publication, from input: inout InputReader
    ) throws(InputError) {
        guard let field = Fields(memberOf: input, isImport: isImport) else {
            throw input.fault(
                "\(input.memberName) is no field of an event; there are \(isImport ? "id, at, " : "")resource or "
                    + "resources, event, data, retain, transient, coalesce, key, end, ttl"
                    + (isImport ? " and ended." : " and expect."))
        }
        guard seen.insert(field).inserted else {
            throw input.fault("\(input.memberName) is given twice; an event has each field once.")
        }
        switch field {
        case .resource: publication.resources = [try resource(try input.string(), input)]
        case .resources: publication.resources = try list(try input.strings(), input)
        case .event: publication.name = try eventName(try input.string(), input)
        case .data: publication.data = try value(from: &input)
        case .retain:
            publication.isRetained = try holds(&input) { $0.stateOf = $1 }
        case .transient: publication.isTransient = try input.boolean()
        case .coalesce: publication.coalesceKey = try input.key()
        case .id: try checkID(try input.string(), input)
        case .at: line?.at = try time(try input.string(), input)
        case .end: publication.isEnd = try holds(&input) { $0.endOf = $1 }
        case .ended: line?.ended = try list(try input.strings(), input)
        case .ttl:
            let seconds = try input.number(in: EventLimits.lifetime)
            publication.lifetime = Int64((seconds * 1000).rounded())
        case .expect: publication.expected = try cursor(try input.string(), input)
        default: publication.key = try input.key()
        }
    }

    /// Reads `true` or `false`; a line to import may have a list of those resources of the event
    /// for which it holds, which `note` is told.
    private func holds(
        _ input: inout InputReader, _ note: (ImportLine, [Resource]) -> Void
    ) throws(InputError) -> Bool {
        guard let line, try input.kind() == .array else { return try input.boolean() }
        note(line, try list(try input.strings(), input))
        return true
    }

    /// Checks the rules that concern more than one field.
    private func checkWhole(
        _ publication: borrowing Publication, _ input: borrowing InputReader
    ) throws(InputError) {
        if seen.contains(.ended) {
            guard seen == .ended else {
                throw input.fault("A line with ended has no event beside it.", at: "ended")
            }
            return
        }
        if seen.isSuperset(of: [.resource, .resources]) {
            throw input.fault("An event has resource or resources, not both.", at: "resource")
        }
        guard !seen.isDisjoint(with: [.resource, .resources]) else {
            throw input.fault(
                "resource is missing; say where to, as \"resource\":\"post:1\".", at: "resource")
        }
        guard seen.contains(.data) else {
            throw input.fault("data is missing; it is any JSON value.", at: "data")
        }
        if let line { try line.checkParts(of: publication.resources, input) }
        if publication.isRetained, publication.isTransient {
            throw input.fault(
                "retain keeps an event and transient does not; an event has one of them at most.",
                at: "retain")
        }
        if publication.lifetime != nil, !publication.isRetained {
            throw input.fault(
                "ttl says how long state is kept; it goes with \"retain\":true.", at: "ttl")
        }
        if publication.isEnd, publication.isTransient {
            throw input.fault(
                "an end is kept, and a transient event is not; an event has one of them at most.",
                at: "end")
        }
        if publication.expected != nil, publication.resources.count > 1 {
            throw input.fault(
                "expect is for an event of one resource; this one goes to "
                    + "\(publication.resources.count).", at: "expect")
        }
    }

    // MARK: - The fields

    /// Checks a resource's name, which is the value being read or its element `part`.
    private func resource(
        _ name: String, _ input: InputReader, at part: Int? = nil
    ) throws(InputError) -> Resource {
        func fault(_ sentence: String) -> InputError {
            input.fault(sentence, at: part.map { String($0) })
        }
        let selector: Selector
        do { selector = try Selector(name, isStored: isImport) } catch {
            throw fault(error.description)
        }
        guard case .resource(let resource) = selector else {
            throw fault(
                "\(name) is a pattern; events go to resources, patterns are for streams.")
        }
        if let reservation = resource.reservation {
            // A log holds events of activity, and never any of presence.
            guard isImport, !resource.isPresence else { throw fault(reservation) }
            line?.refusal = fault(reservation)
        }
        if let line, line.refusal == nil {
            do { _ = try Selector(name) } catch { line.refusal = fault(error.description) }
        }
        return resource
    }

    private func list(
        _ names: [String], _ input: InputReader
    ) throws(InputError) -> [Resource] {
        var list: [Resource] = []
        var seen: Set<Resource> = []
        for (index, name) in names.enumerated() {
            let resource = try resource(name, input, at: index)
            if seen.insert(resource).inserted { list.append(resource) }
        }
        guard (1...EventLimits.maximumResources).contains(list.count) else {
            throw input.fault(
                "resources has \(list.count) names; an event goes to 1 to "
                    + "\(EventLimits.maximumResources).")
        }
        return list
    }

    private func eventName(
        _ text: String, _ input: InputReader
    ) throws(InputError) -> EventName {
        if let reservation = EventName.reservation(of: text) {
            let refusal = input.fault(reservation)
            guard isImport,
                !EventName.reserved.contains(text) || text == EventName.activity.description
            else { throw refusal }
            line?.refusal = refusal
        }
        do { return try EventName(text) } catch { throw input.fault(error.description) }
    }

    private func value(from input: inout InputReader) throws(InputError) -> [UInt8] {
        let value = try input.copy(calling: "data")
        // The escapes with which it is sent make it three times as long at most, so a text that is
        // far from the limit need not be counted.
        let count = value.count > maximumData / 3 ? value.lineSafeCount : value.count
        guard count <= maximumData else {
            throw input.fault(
                "data has \(count) bytes; an event carries at most \(maximumData). "
                    + "Store it and send where it is.", .tooLarge)
        }
        return value
    }

    private func checkID(_ text: String, _ input: InputReader) throws(InputError) {
        guard EventID(text) != nil else { throw input.fault("id is no event's id: \(text)") }
    }

    private func cursor(
        _ text: String, _ input: InputReader
    ) throws(InputError) -> EventID {
        guard let cursor = EventID(text) else {
            throw input.fault("expect is the id of an event or a cursor, not \"\(text)\".")
        }
        return cursor
    }

    private func time(_ text: String, _ input: InputReader) throws(InputError) -> Int64 {
        guard let time = Timestamp(text) else {
            throw input.fault("at is no time such as 2026-11-21T05:45:29.119Z: \(text)")
        }
        return time.milliseconds
    }
}

extension InputReader {
    /// Reads an idempotency key or a coalesce key.
    package mutating func key() throws(InputError) -> String {
        let text = try string()
        guard EventLimits.keyLength.contains(text.utf8.count) else {
            throw fault("A key has 1 to \(EventLimits.maximumKey) bytes.")
        }
        return text
    }
}

/// The fields of an event.
private struct Fields: OptionSet {
    let rawValue: UInt16

    static let resource = Self(rawValue: 1)
    static let resources = Self(rawValue: 2)
    static let event = Self(rawValue: 4)
    static let data = Self(rawValue: 8)
    static let retain = Self(rawValue: 16)
    static let transient = Self(rawValue: 32)
    static let coalesce = Self(rawValue: 64)
    static let key = Self(rawValue: 128)
    /// Only a line to import has this field and `at`.
    static let id = Self(rawValue: 256)
    static let at = Self(rawValue: 512)
    static let end = Self(rawValue: 1024)
    static let expect = Self(rawValue: 2048)
    static let ttl = Self(rawValue: 8192)
    /// Only a line to import has this field, and no other one then.
    static let ended = Self(rawValue: 4096)

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Finds the field whose value is being read; `nil` for an unknown one.
    init?(memberOf input: borrowing InputReader, isImport: Bool) {
        // The most frequent ones first.
        if input.isMember("data") {
            self = .data
        } else if input.isMember("resource") {
            self = .resource
        } else if input.isMember("event") {
            self = .event
        } else if input.isMember("resources") {
            self = .resources
        } else if input.isMember("key") {
            self = .key
        } else if input.isMember("retain") {
            self = .retain
        } else if input.isMember("transient") {
            self = .transient
        } else if input.isMember("coalesce") {
            self = .coalesce
        } else if input.isMember("end") {
            self = .end
        } else if input.isMember("ttl") {
            self = .ttl
        } else if !isImport, input.isMember("expect") {
            self = .expect
        } else if isImport, input.isMember("id") {
            self = .id
        } else if isImport, input.isMember("at") {
            self = .at
        } else if isImport, input.isMember("ended") {
            self = .ended
        } else {
            return nil
        }
    }
}
