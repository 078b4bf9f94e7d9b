internal import HTTP
internal import JSON
internal import Telemetry

/// Whether the hub lives, and whether it takes work.
enum Health: Equatable {
    case whole
    case live
    case ready

    /// 503 when readiness was asked for and there is trouble.
    func response(trouble: String?) -> Response {
        if let trouble, self != .live {
            return Problem(.serviceUnavailable, trouble, retryAfter: 5).response()
        }
        return .json { json in
            json.member("status", "ok")
            json.member("version", Build.version)
        }
    }
}
