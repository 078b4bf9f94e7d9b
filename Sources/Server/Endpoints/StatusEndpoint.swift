internal import HTTP
internal import Hub
internal import JSON
internal import Producers
internal import Reactor
internal import Telemetry

/// `GET /events/status` and `GET /metrics`: the whole hub's figures.
struct StatusEndpoint: Sendable {
    let hub: HubAccess

    /// The figures as JSON, for people.
    var status: Answer { .later { .response(await statusResponse()) } }

    /// The figures in the Prometheus text format, version 0.0.4.
    var metrics: Answer { .later { .response(await metricsResponse()) } }

    private func figures() async -> Figures {
        var delivery = DeliveryCounters()
        var connections = 0
        var selectors: Set<Selector> = []
        for share in await hub.workers.shares() {
            delivery = delivery + share.delivery
            connections += share.connections
            selectors.formUnion(share.selectors)
        }
        let jobs = await hub.api?.counts() ?? JobCounts()
        return Figures(
            jobs: jobs, delivery: delivery, sockets: connections, resources: selectors.count,
            published: hub.broker.publishedCount, workers: hub.workers.count,
            uptime: Instant.now().since(hub.started) / 1000,
            writeAheadLog: hub.broker.writeAheadLog)
    }

    private func statusResponse() async -> Response {
        let figures = await figures()
        let head = hub.broker.lastID.description
        return .json { json in
            json.member("status", "ok")
            json.member("version", Build.version)
            json.member("time", Timestamp.now.description)
            for figure in figures.all {
                json.member(figure.name, figure.value)
            }
            json.member("head", head)
        }
    }

    private func metricsResponse() async -> Response {
        var text = ""
        for figure in await figures().all {
            let name = "martlet_" + figure.name + (figure.isCounter ? "_total" : "")
            text += "# HELP \(name) \(figure.help)\n"
            text += "# TYPE \(name) \(figure.isCounter ? "counter" : "gauge")\n"
            text += "\(name) \(figure.value)\n"
        }
        let name = "martlet_requests_refused_total"
        text += "# HELP \(name) Requests that were refused for who asked or how often.\n"
        text += "# TYPE \(name) counter\n"
        for (kind, count) in hub.gate.refusals.all {
            text += "\(name){status=\"\(kind.status)\",reason=\"\(kind.reason)\"} \(count)\n"
        }
        return Response(
            .ok, fields: [("Cache-Control", "no-store")], body: Array(text.utf8),
            contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
}

/// The figures of the hub, with the names that both endpoints use.
struct Figures: Sendable {
    struct Figure {
        let name: String
        let value: Int
        var isCounter = false
        let help: String
    }

    let jobs: JobCounts
    let delivery: DeliveryCounters
    let sockets: Int
    let resources: Int
    let published: Int
    let workers: Int
    let uptime: Int
    let writeAheadLog: WriteAheadLogFigures?

    var all: [Figure] { general + store }

    /// The figures of a store on disk; none for one in memory.
    private var store: [Figure] {
        guard let writeAheadLog else { return [] }
        return [
            Figure(
                name: "wal_bytes", value: writeAheadLog.bytes,
                help: "Bytes of the write-ahead log that are in use."),
            Figure(
                name: "checkpoint_age_seconds", value: writeAheadLog.checkpointAge,
                help: "Seconds since all of the write-ahead log was in the database."),
        ]
    }

    private var general: [Figure] {
        [
            Figure(name: "uptime_seconds", value: uptime, help: "Seconds since the start."),
            Figure(name: "connections", value: delivery.streams, help: "Open streams."),
            Figure(
                name: "subscriptions", value: delivery.subscriptions,
                help: "Resources and patterns of all open streams together."),
            Figure(
                name: "resources", value: resources,
                help: "Distinct resources and patterns that streams ask for."),
            Figure(
                name: "published", value: published, isCounter: true,
                help: "Events taken from producers."),
            Figure(
                name: "delivered", value: delivery.delivered, isCounter: true,
                help: "Events that the kernel took whole for a stream."),
            Figure(
                name: "dropped", value: delivery.dropped, isCounter: true,
                help: "Transient events that a stream could not take."),
            Figure(
                name: "fell_behind", value: delivery.fellBehind, isCounter: true,
                help: "Times that a stream's queue was full and it read on from the log."),
            Figure(
                name: "cut_off", value: delivery.cutOff, isCounter: true,
                help: "Streams ended because their reader was too slow."),
            Figure(
                name: "sockets", value: sockets, help: "Accepted connections, streams included."),
            Figure(name: "workers", value: workers, help: "Event loops."),
            Figure(name: "jobs_queued", value: jobs.queued, help: "Jobs that are ready to run."),
            Figure(
                name: "jobs_scheduled", value: jobs.scheduled,
                help: "Jobs that wait for their time, or to be tried again."),
            Figure(name: "jobs_running", value: jobs.running, help: "Jobs at work."),
        ]
    }
}
