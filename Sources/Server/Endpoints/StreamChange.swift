internal import HTTP
internal import Hub
internal import JSON

/// The body of `PATCH /stream/{connection}`.
struct StreamChange: Sendable {
    static var unknownStream: Problem {
        Problem(
            .notFound,
            "There is no open stream of that name; it is in the stream's connected event.")
    }

    private(set) var added: [Selector] = []
    private(set) var removed: [Selector] = []

    /// Reads a body.
    ///
    /// - Throws: 400 when the body is no JSON, 422 when it breaks the rules.
    init(_ body: [UInt8]) throws(Problem) {
        self = try JSONBody.read(body) { input throws(InputError) in try Self(&input) }
    }

    private init(_ input: inout InputReader) throws(InputError) {
        guard try input.kind() == .object else {
            throw input.fault(
                "A change is an object as {\"add\":[\"post:9\"],\"remove\":[\"post:4\"]}.")
        }
        try input.beginObject()
        var seen: Set<String> = []
        while let field = try input.nextMember() {
            guard seen.insert(field).inserted else {
                throw input.fault("\(field) is given twice.")
            }
            switch field {
            case "add": added = try SelectorList.readNames(&input)
            case "remove": removed = try SelectorList.readNames(&input)
            default:
                throw input.fault(
                    "\(field) is no field of a change; there are add and remove.")
            }
        }
    }
}
