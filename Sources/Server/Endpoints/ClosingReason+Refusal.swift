internal import HTTP
internal import Hub

extension ClosingReason {
    /// Refuses a request that begins while the hub is unavailable, unless the endpoint says so in
    /// its own way.
    ///
    /// - Throws: 503.
    func check(_ endpoint: Route.Endpoint) throws(Problem) {
        switch endpoint {
        // The process lives, and a supervisor that restarts it would make things worse.
        case .health(.live), .options: return
        case .stream, .postedStream, .jobStream: return
        default: throw problem
        }
    }

    private var problem: Problem {
        switch self {
        case .overloaded:
            Problem(
                .serviceUnavailable,
                "The hub has no room for another connection; try again later.", retryAfter: 5)
        case .shutdown, .slow, .unavailable:
            Problem(
                .serviceUnavailable, "The hub is stopping; come back in a moment.", retryAfter: 2)
        }
    }
}
