internal import HTTP
internal import Producers

extension QueryParameters {
    static let none = Self(names: [])
    static let resources = Self(names: ["resources"])
    static let stream = Self(
        names: ["resources", "last_event_id", "events", "keepalive", "snapshot"],
        aliases: Array(CursorSource.parameters.dropFirst()), ignoresOthers: true)
    static let postedStream = Self(names: stream.names, ignoresOthers: true, areInBody: true)
    static let jobStream = Self(
        names: ["last_event_id", "keepalive"], aliases: stream.aliases)
    static let poll = Self(
        names: ["resources", "after", "events", "timeout", "limit"],
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
        case .state, .presence: .resources
        case .broadcast, .broadcastLines, .changeStream, .status, .metrics, .description, .health:
            QueryParameters.none
        }
    }
}
