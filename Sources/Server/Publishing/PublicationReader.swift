internal import HTTP
internal import Hub
internal import JSON

/// Reads an event as a producer posts it, and checks it against the contract.
struct PublicationReader {
    /// Bytes of an event's data.
    private let maximumData: Int
    /// The JSON pointer of the event within the body: empty, or `/3` in an array.
    private let base: String
    private var seen = Fields()
    private var resources: [Resource]?
    private var data: [UInt8]?
    private var name = EventName.message
    private var isRetained = false
    private var isTransient = false
    private var coalesceKey: String?
    private var key: String?

    private init(base: String, maximumData: Int) {
        self.base = base
        self.maximumData = maximumData
    }

    /// Reads the event that `json` stands before.
    static func read(
        _ json: inout JSONReader, at base: String = "", maximumData: Int
    ) throws(BodyError) -> Publication {
        var reader = Self(base: base, maximumData: maximumData)
        guard try json.get({ json throws(JSONError) in try json.peekKind() }) == .object else {
            throw Problem.rule(
                "An event is an object as {\"resource\":\"post:1\",\"data\":{}}.", at: base)
        }
        try json.get { json throws(JSONError) in try json.beginObject() }
        while let field = try json.get({ json throws(JSONError) in try json.nextKey() }) {
            try reader.read(field, from: &json)
        }
        return try reader.publication()
    }

    private mutating func read(_ name: String, from json: inout JSONReader) throws(BodyError) {
        // Only an error needs it.
        var pointer: String { JSONBody.pointer(to: name, in: base) }
        guard let field = Fields(name: name) else {
            throw Problem.rule(
                "\(name) is no field of an event; there are resource or resources, event, data, "
                    + "retain, transient, coalesce and key.", at: pointer)
        }
        guard seen.insert(field).inserted else {
            throw Problem.rule(
                "\(name) is given twice; an event has each field once.", at: pointer)
        }
        switch field {
        case .resource:
            resources = [try resource(try json.string(pointer), at: pointer)]
        case .resources: resources = try list(try json.strings(pointer), at: pointer)
        case .event:
            self.name = try eventName(try json.string(pointer), at: pointer)
        case .data: data = try value(from: &json, at: pointer)
        case .retain: isRetained = try json.boolean(pointer)
        case .transient: isTransient = try json.boolean(pointer)
        case .coalesce: coalesceKey = try keyText(from: &json, at: pointer)
        default: key = try keyText(from: &json, at: pointer)
        }
    }

    private func publication() throws(BodyError) -> Publication {
        if seen.isSuperset(of: [.resource, .resources]) {
            throw Problem.rule(
                "An event has resource or resources, not both.", at: "\(base)/resource")
        }
        guard let resources else {
            throw Problem.rule(
                "resource is missing; say where to, as \"resource\":\"post:1\".",
                at: "\(base)/resource")
        }
        guard let data else {
            throw Problem.rule("data is missing; it is any JSON value.", at: "\(base)/data")
        }
        if isRetained, isTransient {
            throw Problem.rule(
                "retain keeps an event and transient does not; an event has one of them at most.",
                at: "\(base)/retain")
        }
        return Publication(
            resources: resources, name: name, data: data, isRetained: isRetained,
            isTransient: isTransient, coalesceKey: coalesceKey, key: key)
    }

    private func resource(_ name: String, at pointer: @autoclosure () -> String) throws(BodyError)
        -> Resource
    {
        let selector: Selector
        do { selector = try Selector(name) } catch {
            throw Problem.rule(error.description, at: pointer())
        }
        guard case .resource(let resource) = selector else {
            throw Problem.rule(
                "\(name) is a pattern; events go to resources, patterns are for streams.",
                at: pointer())
        }
        guard resource.kind != Selector.presenceKind else {
            throw Problem.rule(
                "\(name) is the hub's own; it says how many streams receive a resource.",
                at: pointer())
        }
        return resource
    }

    private func list(_ names: [String], at pointer: String) throws(BodyError) -> [Resource] {
        var list: [Resource] = []
        var seen: Set<Resource> = []
        for (index, name) in names.enumerated() {
            let resource = try resource(name, at: "\(pointer)/\(index)")
            if seen.insert(resource).inserted { list.append(resource) }
        }
        guard (1...EventLimits.maximumResources).contains(list.count) else {
            throw Problem.rule(
                "resources has \(list.count) names; an event goes to 1 to "
                    + "\(EventLimits.maximumResources).",
                at: pointer)
        }
        return list
    }

    private func eventName(_ text: String, at pointer: @autoclosure () -> String) throws(BodyError)
        -> EventName
    {
        if let reservation = EventName.reservation(of: text) {
            throw Problem.rule(reservation, at: pointer())
        }
        do { return try EventName(text) } catch {
            throw Problem.rule(error.description, at: pointer())
        }
    }

    private func value(
        from json: inout JSONReader, at pointer: @autoclosure () -> String
    ) throws(BodyError) -> [UInt8] {
        var value: [UInt8] = []
        do throws(JSONError) {
            try json.copyValue(into: &value)
        } catch {
            guard case .tooDeep(let maximum) = error.kind else { throw .json(error) }
            throw Problem.rule("data is nested deeper than \(maximum) levels.", at: pointer())
        }
        // Escapes that it is sent with are three times as long at most; a text that is far from the limit needs no count.
        let count = value.count > maximumData / 3 ? value.lineSafeCount : value.count
        guard count <= maximumData else {
            throw .rule(
                Problem(
                    .contentTooLarge,
                    "data has \(count) bytes; an event carries at most \(maximumData). "
                        + "Store it and send where it is.", pointer: pointer()))
        }
        return value
    }

    private func keyText(
        from json: inout JSONReader, at pointer: @autoclosure () -> String
    ) throws(BodyError) -> String {
        let text = try json.string(pointer())
        guard (1...EventLimits.maximumKey).contains(text.utf8.count) else {
            throw Problem.rule("A key has 1 to \(EventLimits.maximumKey) bytes.", at: pointer())
        }
        return text
    }
}

/// The fields of an event.
private struct Fields: OptionSet {
    let rawValue: UInt8

    static let resource = Self(rawValue: 1)
    static let resources = Self(rawValue: 2)
    static let event = Self(rawValue: 4)
    static let data = Self(rawValue: 8)
    static let retain = Self(rawValue: 16)
    static let transient = Self(rawValue: 32)
    static let coalesce = Self(rawValue: 64)
    static let key = Self(rawValue: 128)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init?(name: String) {
        switch name {
        case "resource": self = .resource
        case "resources": self = .resources
        case "event": self = .event
        case "data": self = .data
        case "retain": self = .retain
        case "transient": self = .transient
        case "coalesce": self = .coalesce
        case "key": self = .key
        default: return nil
        }
    }
}
