internal import HTTP
internal import Hub

/// A request with its whole body, and what it asks for.
struct Request: Sendable {
    let head: RequestHead
    let route: Route
    let body: [UInt8]
    /// Why a request that begins now is not served; only those come so far that say it in their own
    /// way.
    var unavailability: ClosingReason?
}

/// What is to be done for a request; the worker obeys.
enum Answer: Sendable {
    case response(Response)
    /// The answer is found by waiting; with `endsWithPeer` nobody wants it once the peer has gone.
    case later(endsWithPeer: Bool = false, @Sendable () async throws(Problem) -> Answer)
    /// The events go into the log, and its answer is the request's.
    case publish(Broadcast)
    /// The connection becomes a stream.
    case stream(StreamPlan)
    /// A stream that begins, says why it cannot be opened now, and ends.
    case closing(ClosingReason)
    /// The connection waits for an event or for a time to be over.
    case poll(PollRequest)
}
