internal import HTTP
internal import Producers

extension QueryParameters {
    static let none = Self(names: [])
    /// What opens a stream for a client that can set no header.
    private static let credentials = ["ticket", "expires", "signature"]
    static let presence = Self(names: ["resources", "members"])
    static let state = Self(names: ["resources"] + credentials)
    static let change = Self(names: ["resources"] + credentials)
    private static let ofStream = [
        "resources", "last_event_id", "events", "format", "batch", "rewind", "keepalive",
        "snapshot", "until", "member", "members",
    ]
    static let stream = Self(
        names: ofStream + credentials,
        aliases: Array(CursorSource.parameters.dropFirst()), ignoresOthers: true)
    static let postedStream = Self(
        names: ofStream, ignoresOthers: true, areInBody: true)
    static let jobStream = Self(
        names: ["last_event_id", "keepalive", "until"], aliases: stream.aliases)
    static let poll = Self(
        names: ["resources", "after", "events", "timeout", "limit"] + credentials,
        aliases: CursorSource.parameters)
}

extension Route.Endpoint {
    /// The query parameters that it takes.
    ///
    /// It is `nil` where any query is allowed, and where the query is checked as it is read.
    var parameters: QueryParameters? {
        switch self {
        case .page, .web, .options: nil
        case .api(let call): call.isList ? nil : QueryParameters.none
        case .stream: .stream
        case .postedStream: .postedStream
        case .jobStream: .jobStream
        case .poll: .poll
        case .state: .state
        case .presence: .presence
        case .changeStream: .change
        case .broadcast, .broadcastLines, .forget, .status, .metrics, .description, .health,
            .tickets, .openSession, .endSession, .disconnect, .upload:
            QueryParameters.none
        }
    }
}
