internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

extension Figures {
    /// Adds all figures under the names of metrics.
    func write(to metrics: inout MetricsText) {
        writeStreams(to: &metrics)
        writeEvents(to: &metrics)
        if let log { write(log, to: &metrics) }
        writeHub(to: &metrics)
        writeProcess(to: &metrics)
        writeEarlierNames(to: &metrics)
    }

    private func writeStreams(to metrics: inout MetricsText) {
        metrics.gauge("martlet_streams", "Open streams.", delivery.streams)
        metrics.gauge(
            "martlet_subscriptions", "Resources and patterns of all open streams together.",
            delivery.subscriptions)
        metrics.gauge(
            "martlet_resources", "Distinct resources and patterns that streams ask for.", resources)
        metrics.counter(
            "martlet_streams_opened_total", "Streams that began, by version of HTTP.",
            streams.opened.enumerated().map { ([("http", "1.\($0.offset)")], $0.element) })
        metrics.counter(
            "martlet_streams_ended_total", "Streams that ended, by what ended them.",
            StreamFigures.Outcome.allCases.map {
                ([("outcome", $0.rawValue)], streams.ended[$0] ?? 0)
            })
        metrics.histogram(
            "martlet_stream_duration_seconds", "How long the streams were open that have ended.",
            streams.durations)
        metrics.counter(
            "martlet_resumes_total", "Streams that came with a cursor, by where they went on from.",
            StreamFigures.Source.allCases.map {
                ([("source", $0.rawValue)], streams.resumed[$0] ?? 0)
            })
        metrics.counter(
            "martlet_fell_behind_total",
            "Times that a stream's queue was full and it read on from the log.",
            delivery.fellBehind)
    }

    private func writeEvents(to metrics: inout MetricsText) {
        metrics.counter(
            "martlet_events_published_total", "Events taken from producers, and the hub's own.",
            published)
        metrics.counter(
            "martlet_events_delivered_total", "Events that the kernel took whole for a stream.",
            delivery.delivered)
        metrics.counter(
            "martlet_events_dropped_total",
            "Transient events for a stream with a full queue, or one that was behind.",
            [
                ([("reason", "queue_full")], delivery.droppedFull),
                ([("reason", "behind")], delivery.droppedBehind),
            ])
        metrics.counter(
            "martlet_events_coalesced_total",
            "Waiting events that a newer one with the same key has replaced.", delivery.coalesced)
        metrics.histogram(
            "martlet_publish_durable_seconds",
            "From a publish until it was in the log, of up to 20 a second of each worker.",
            publishTimes)
        metrics.histogram(
            "martlet_publish_delivery_seconds",
            "From a publish until streams were sent it, of up to 20 a second of each worker.",
            deliveryTimes)
    }

    private func write(_ log: LogFigures, to metrics: inout MetricsText) {
        metrics.histogram(
            "martlet_commit_seconds", "How long commits of events took.", log.commits.times)
        metrics.histogram(
            "martlet_commit_events",
            "How many events a commit held; none when it changed records alone.",
            log.commits.events)
        if let bytes = log.bytes {
            metrics.gauge("martlet_log_bytes", "Bytes of the store that are in use.", bytes)
        }
        metrics.gauge(
            "martlet_log_oldest_seconds", "Seconds since the oldest event was stored.",
            log.oldestAge ?? 0)
        metrics.gauge(
            "martlet_wal_bytes", "Bytes of the write-ahead log that are in use.", log.walBytes)
        metrics.gauge(
            "martlet_checkpoint_age_seconds",
            "Seconds since all of the write-ahead log was in the database.", log.checkpointAge)
    }

    private func writeHub(to metrics: inout MetricsText) {
        metrics.gauge("martlet_uptime_seconds", "Seconds since the start.", uptime)
        metrics.gauge("martlet_sockets", "Accepted connections, streams included.", sockets)
        metrics.gauge("martlet_workers", "Event loops.", workers)
        metrics.gauge(
            "martlet_loop_lag_seconds", "How long a worker took until it answered this question.",
            microseconds: lags.enumerated().map { ([("worker", "\($0.offset)")], $0.element) })
        metrics.gauge("martlet_jobs_queued", "Jobs that are ready to run.", jobs.queued)
        metrics.gauge(
            "martlet_jobs_scheduled", "Jobs that wait for their time, or to be tried again.",
            jobs.scheduled)
        metrics.gauge("martlet_jobs_running", "Jobs at work.", jobs.running)
    }

    private func writeProcess(to metrics: inout MetricsText) {
        let process = Process.figures
        metrics.counter(
            "process_cpu_seconds_total", "Processor time of the process and of the kernel for it.",
            seconds: process.processorSeconds)
        metrics.gauge(
            "process_resident_memory_bytes", "Resident memory.", process.residentBytes)
        metrics.gauge("process_virtual_memory_bytes", "Virtual memory.", process.virtualBytes)
        metrics.gauge("process_threads", "Threads.", process.threads)
        metrics.gauge("process_open_fds", "Open descriptors.", process.openDescriptors)
        metrics.gauge("process_max_fds", "The limit of open descriptors.", process.descriptorLimit)
        metrics.gauge(
            "process_start_time_seconds", "When the process began, in seconds since 1970.",
            process.startTime)
    }

    /// Adds the names of version 0.1.0, which stay for one release.
    private func writeEarlierNames(to metrics: inout MetricsText) {
        metrics.gauge(
            "martlet_connections", Self.deprecated("martlet_streams"), delivery.streams)
        metrics.counter(
            "martlet_published_total", Self.deprecated("martlet_events_published_total"),
            published)
        metrics.counter(
            "martlet_delivered_total", Self.deprecated("martlet_events_delivered_total"),
            delivery.delivered)
        metrics.counter(
            "martlet_dropped_total", Self.deprecated("martlet_events_dropped_total"),
            delivery.dropped)
        metrics.counter(
            "martlet_cut_off_total",
            Self.deprecated("martlet_streams_ended_total{outcome=\"slow\"}"), delivery.cutOff)
    }

    private static func deprecated(_ successor: String) -> String {
        "Deprecated; use \(successor)."
    }
}
