internal import HTTP
internal import Hub

extension ClosingReason {
    /// Refuses a request that begins while the hub is unavailable.
    ///
    /// - Throws: 503, except for streams, which report it themselves, liveness and `OPTIONS`.
    func check(_ endpoint: Route.Endpoint) throws(Problem) {
        switch endpoint {
        // The process is alive, and a supervisor that restarted it would make things worse.
        case .health(.live), .options: return
        case .stream, .postedStream, .jobStream: return
        default: throw problem
        }
    }

    var problem: Problem {
        switch self {
        case .overloaded:
            Problem(
                .serviceUnavailable,
                "The hub has no room for another connection; try again later.", retryAfter: 5)
        case .shutdown, .slow, .unavailable, .tokenExpired, .revoked, .end:
            Problem(
                .serviceUnavailable, "The hub is stopping; come back in a moment.", retryAfter: 2)
        }
    }
}
