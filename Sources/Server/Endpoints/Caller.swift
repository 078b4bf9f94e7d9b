internal import HTTP

/// Who sends a request, and what that allows; so far everybody may do everything.
///
/// It is asked once, between route and endpoint, before anything of the body is taken.
struct Caller: Sendable {
    var mayPublish = true
    /// Streams, polls, and what else tells of events and of who receives them.
    var maySubscribe = true
    /// `/api/v1` and `/media`.
    var mayCall = true

    static let anyone = Self()

    /// - Throws: 403 when the caller may not use the endpoint.
    func check(_ endpoint: Route.Endpoint) throws(Problem) {
        let (isAllowed, what) =
            switch endpoint {
            case .broadcast, .broadcastLines: (mayPublish, "publish")
            case .stream, .postedStream, .changeStream, .jobStream, .poll, .state, .presence:
                (maySubscribe, "subscribe")
            case .api: (mayCall, "call the interface of jobs")
            case .page, .status, .metrics, .description, .health, .web, .options: (true, "")
            }
        if !isAllowed { throw Problem(.forbidden, "This caller may not \(what) here.") }
    }
}
