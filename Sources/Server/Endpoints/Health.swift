internal import HTTP
internal import JSON
internal import Telemetry

/// Whether the hub lives, and whether it takes work.
enum Health: Equatable {
    case whole
    case live
    case ready

    /// 503 when readiness was asked for and the hub is on its way out.
    func response(isReady: Bool) -> Response {
        guard isReady || self == .live else {
            return Problem(
                .serviceUnavailable, "The hub is stopping; ask another one or come back.",
                retryAfter: 5
            ).response()
        }
        return .json { json in
            json.key("status")
            json.string("ok")
            json.key("version")
            json.string(Build.version)
        }
    }
}
