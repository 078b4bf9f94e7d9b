internal import HTTP
internal import Hub
internal import JSON

/// The body of `PATCH /stream/{connection}`.
struct StreamChange {
    private(set) var added: [Selector] = []
    private(set) var removed: [Selector] = []

    /// - Throws: 400 when the body is no JSON, 422 when it breaks the rules.
    init(_ body: [UInt8]) throws(Problem) {
        self = try JSONBody.read(body) { json throws(BodyError) in try Self(&json) }
    }

    private init(_ json: inout JSONReader) throws(BodyError) {
        guard try json.get({ json throws(JSONError) in try json.peekKind() }) == .object else {
            throw Problem.rule(
                "A change is an object as {\"add\":[\"post:9\"],\"remove\":[\"post:4\"]}.", at: "")
        }
        try json.get { json throws(JSONError) in try json.beginObject() }
        var seen: Set<String> = []
        while let field = try json.get({ json throws(JSONError) in try json.nextKey() }) {
            let pointer = JSONBody.pointer(to: field)
            guard seen.insert(field).inserted else {
                throw Problem.rule("\(field) is given twice.", at: pointer)
            }
            switch field {
            case "add": added = try SelectorList.readNames(&json, at: pointer)
            case "remove": removed = try SelectorList.readNames(&json, at: pointer)
            default:
                throw Problem.rule(
                    "\(field) is no field of a change; there are add and remove.", at: pointer)
            }
        }
    }
}
