internal import HTTP

/// The sender of a request and what it is allowed to do; so far everybody may do everything.
///
/// It is checked once for each request, when the route is known, before any of the body is taken.
struct Caller: Sendable {
    var mayPublish = true
    /// Whether the caller may use streams, polls, and all else that shows events or presence.
    var maySubscribe = true
    /// Whether the caller may use `/api/v1` and `/media`.
    var mayCall = true

    static let anyone = Self()

    /// Checks that the caller may use an endpoint.
    ///
    /// - Throws: 403 when it may not.
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
