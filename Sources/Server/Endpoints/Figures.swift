internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

/// The figures of the whole hub at one moment.
struct Figures: Sendable {
    let jobs: JobCounts
    let delivery: DeliveryCounters
    let streams: StreamFigures
    let deliveryTimes: Histogram
    /// Microseconds until each worker answered, in their order.
    let lags: [Int]
    let sockets: Int
    /// The number of distinct resources and patterns that streams ask for.
    let resources: Int
    let published: Int
    let publishTimes: Histogram
    /// Seconds since the start.
    let uptime: Int
    /// Figures of the log on disk; `nil` for one in memory.
    let log: LogFigures?

    /// Asks all parts of a hub for their figures.
    init(of hub: HubAccess) async {
        var delivery = DeliveryCounters()
        var streams = StreamFigures()
        var publishTimes = Histogram(.latency)
        var deliveryTimes = Histogram(.latency)
        var lags: [Int] = []
        var connections = 0
        var selectors: Set<Selector> = []
        for share in await hub.workers.shares() {
            delivery = delivery + share.delivery
            streams.add(share.streams)
            publishTimes.add(share.latency.publishTimes)
            deliveryTimes.add(share.latency.deliveryTimes)
            lags.append(share.lag)
            connections += share.connections
            selectors.formUnion(share.selectors)
        }
        jobs = await hub.api?.counts() ?? JobCounts()
        self.delivery = delivery
        self.streams = streams
        self.publishTimes = publishTimes
        self.deliveryTimes = deliveryTimes
        self.lags = lags
        sockets = connections
        resources = selectors.count
        published = hub.broker.publishedCount
        uptime = Instant.now().since(hub.started) / 1000
        log = await hub.broker.logFigures
    }

    var workers: Int { lags.count }
}
