internal import HTTP
internal import JSON
internal import Telemetry

/// What a health check asks: whether the hub is alive, or whether it also takes work.
enum Health: Equatable {
    case whole
    case live
    case ready

    /// Returns the answer to a health check: 503 when there is a problem, except to `live`.
    func response(problem: String?) -> Response {
        if let problem, self != .live {
            return Problem(.serviceUnavailable, problem, retryAfter: 5).response()
        }
        return .json { json in
            json.member("status", "ok")
            json.member("version", Build.version)
        }
    }
}
