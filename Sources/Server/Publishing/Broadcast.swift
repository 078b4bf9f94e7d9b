internal import HTTP
internal import Hub
internal import JSON

/// The events that one `POST /broadcast` of type `application/json` publishes.
struct Broadcast: Sendable {
    static let mostEvents = 1000

    private(set) var publications: [Publication]
    /// Whether the body was an array, and so the answer is one.
    let isArray: Bool

    /// Reads the events of a body.
    ///
    /// - Throws: 400 when the body does not parse, 413 or 422 when it breaks a rule.
    init(
        _ body: [UInt8], idempotencyKey: String?, maximumData: Int = EventLimits.defaultData
    ) throws(Problem) {
        var (publications, isArray) = try JSONBody.read(body) { input throws(InputError) in
            try Self.read(&input, maximumData)
        }
        if isArray, idempotencyKey != nil {
            throw Problem(
                .unprocessableContent,
                "Idempotency-Key is for one event; in an array give each event its key.")
        }
        if !isArray {
            publications[0].key = try IdempotencyKey.agreed(
                header: idempotencyKey, member: publications[0].key, length: EventLimits.keyLength)
        }
        self.publications = publications
        self.isArray = isArray
    }

    /// Checks that the caller may publish all events, and notes its name in them.
    ///
    /// - Throws: 401 or 403.
    mutating func sign(by caller: Caller) throws(Problem) {
        if caller.isAnyone { return }
        for publication in publications { try caller.checkPublishing(publication) }
        guard let publisher = caller.publisher else { return }
        for index in publications.indices { publications[index].publisher = publisher }
    }

    private static func read(
        _ input: inout InputReader, _ maximumData: Int
    ) throws(InputError) -> ([Publication], isArray: Bool) {
        guard try input.kind() == .array else {
            return ([try PublicationReader.read(&input, maximumData: maximumData)], false)
        }
        try input.beginArray()
        var publications: [Publication] = []
        while let index = try input.nextElement() {
            guard index < mostEvents else {
                throw InputError(
                    "The array has more than \(mostEvents) events; send several, or NDJSON.",
                    at: nil)
            }
            publications.append(try PublicationReader.read(&input, maximumData: maximumData))
        }
        return (publications, true)
    }
}
