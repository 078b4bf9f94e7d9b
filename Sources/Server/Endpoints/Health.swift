internal import HTTP
internal import JSON
internal import Telemetry

/// Whether the hub lives, and whether it takes work.
enum Health: Equatable {
    case whole
    case live
    case ready

    /// 503 when readiness was asked for and the hub has a problem.
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
