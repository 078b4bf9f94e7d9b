internal import HTTP
internal import Hub
internal import JSON
internal import Reactor
internal import Telemetry

extension Worker {
    /// What one worker holds and has done.
    struct Share: Sendable {
        let delivery: DeliveryCounters
        let connections: Int
        let selectors: [Selector]
    }

    var share: Share {
        Share(
            delivery: shard.counters, connections: connectionCount, selectors: shard.selectors)
    }

    /// The whole hub's figures: this worker asks all others.
    func statusResponse() async throws -> Response {
        var delivery = DeliveryCounters()
        var connections = 0
        var selectors: Set<Selector> = []
        for peer in peers {
            let share = await peer.share
            delivery = delivery + share.delivery
            connections += share.connections
            selectors.formUnion(share.selectors)
        }
        let figures: [(String, Int)] = [
            ("connections", delivery.streams),
            ("subscriptions", delivery.subscriptions),
            ("resources", selectors.count),
            ("published", broker.publishedCount),
            ("delivered", delivery.delivered),
            ("dropped", delivery.dropped),
            ("fell_behind", delivery.fellBehind),
            ("sockets", connections),
            ("workers", peers.count),
        ]
        let uptime = Instant.now().since(started) / 1000
        return .json { json in
            json.key("status")
            json.string("ok")
            json.key("version")
            json.string(Build.version)
            json.key("time")
            json.string(Timestamp.now.description)
            json.key("uptime_seconds")
            json.integer(uptime)
            for (name, value) in figures {
                json.key(name)
                json.integer(value)
            }
            json.key("head")
            json.string(broker.head.description)
        }
    }
}
