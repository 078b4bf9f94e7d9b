internal import HTTP
internal import Hub

/// A request with its route and its whole body.
struct Request: Sendable {
    let head: RequestHead
    let route: Route
    let body: [UInt8]
    let caller: Caller
    /// What is known of the page that sent it.
    let origin: OriginCheck
    /// Why the hub does not serve requests that begin now; `nil` when it does.
    ///
    /// Most endpoints refuse such a request by `ClosingReason.check`; the others report it in their
    /// own way.
    var unavailability: ClosingReason?
}

/// What an endpoint wants done for a request; the worker does it.
///
/// What is large lies apart, so that the answer to a publisher is copied cheaply.
enum Answer: Sendable {
    indirect case response(Response)
    /// The answer is found by an asynchronous call; with `endsWithPeer` it is given up when the
    /// peer ends its side.
    case later(endsWithPeer: Bool = false, @Sendable () async throws(Problem) -> Answer)
    /// The events are published, and the request is answered when they are in the log.
    case publish(Broadcast)
    /// The connection becomes a stream.
    indirect case stream(StreamPlan)
    /// The answer is a stream that holds only `closing` with this reason.
    case closing(ClosingReason)
    /// The connection waits for an event, until the poll's time is over.
    indirect case poll(PollRequest)
}
