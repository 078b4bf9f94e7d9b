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
            json.key("status")
            json.string("ok")
            json.key("version")
            json.string(Build.version)
        }
    }
}
