internal import HTTP

/// What a connection has while it carries requests; not isolated.
final class RequestState {
    /// What is to be done for it.
    @safe @exclusivity(unchecked) var http: HTTP1
    /// Who sends the requests.
    @safe @exclusivity(unchecked) var caller = Caller.anyone

    /// What the request asks for that is being read.
    @safe @exclusivity(unchecked) var route: Route?
    /// The body of that request, if it is one of lines.
    var ingest: LineIngest?
    /// What the broker's answer is for.
    var reply: PublishReply?
    /// The answer is being worked out; ends when the connection does.
    var answering: Task<Void, Never>?
    /// Whether the connection is in the list of those that are written to before the turn ends.
    var isResponding = false

    init(_ http: consuming HTTP1) {
        self.http = http
    }
}
