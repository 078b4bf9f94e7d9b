internal import HTTP
internal import Hub
internal import JSON
internal import Producers
internal import Telemetry

/// `GET /events/status` and `GET /metrics`: the whole hub's figures.
struct StatusEndpoint: Sendable {
    let hub: HubAccess

    /// The figures as JSON, for people.
    var status: Answer { .later { .response(await statusResponse()) } }

    /// The figures in the Prometheus text format, version 0.0.4.
    var metrics: Answer { .later { .response(await metricsResponse()) } }

    private func statusResponse() async -> Response {
        let figures = await Figures(of: hub)
        let head = hub.broker.lastID.description
        return .json { json in
            json.member("status", "ok")
            json.member("version", Build.version)
            json.member("time", Timestamp.now.description)
            json.member("uptime_seconds", figures.uptime)
            json.member("connections", figures.delivery.streams)
            json.member("subscriptions", figures.delivery.subscriptions)
            json.member("resources", figures.resources)
            json.member("published", figures.published)
            json.member("delivered", figures.delivery.delivered)
            json.member("dropped", figures.delivery.dropped)
            json.member("fell_behind", figures.delivery.fellBehind)
            json.member("cut_off", figures.delivery.cutOff)
            json.member("sockets", figures.sockets)
            json.member("workers", figures.workers)
            json.member("jobs_queued", figures.jobs.queued)
            json.member("jobs_scheduled", figures.jobs.scheduled)
            json.member("jobs_running", figures.jobs.running)
            if let log = figures.log {
                json.member("wal_bytes", log.walBytes)
                json.member("checkpoint_age_seconds", log.checkpointAge)
            }
            json.member("head", head)
        }
    }

    private func metricsResponse() async -> Response {
        var metrics = MetricsText()
        await Figures(of: hub).write(to: &metrics)
        metrics.counter(
            "martlet_requests_refused_total",
            "Requests that were refused for who asked or how often.",
            hub.gate.refusals.all.map { refusal in
                let labels = [
                    (name: "status", value: "\(refusal.kind.status)"),
                    (name: "reason", value: refusal.kind.reason),
                ]
                return (labels, refusal.count)
            })
        return Response(
            .ok, fields: [("Cache-Control", "no-store")], body: Array(metrics.text.utf8),
            contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
}
