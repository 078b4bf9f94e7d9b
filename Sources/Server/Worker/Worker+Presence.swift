internal import Hub
internal import Reactor

extension Worker {
    static let presenceToken = UInt64(1) << 61

    /// Begins to tell a stream the counts of resources.
    func watch(_ resources: [Resource], for connection: Connection) {
        // The stream itself may receive what it watches, and the first count it hears must have it.
        reportPresence()
        for resource in resources where connection.watches[resource] == nil {
            connection.watches[resource] = PresenceWatch()
            watchers[resource, default: []].insert(connection.token)
            let (isFirst, total) = presence.watch(resource, by: index)
            if isFirst { postToAll(.watch(resource)) }
            if let total { tell(total, of: resource, to: connection) }
        }
    }

    func unwatch(_ resources: [Resource], for connection: Connection) {
        for resource in resources where connection.watches[resource] != nil {
            connection.watches[resource] = nil
            watchers[resource]?.remove(connection.token)
            if watchers[resource]?.isEmpty == true { watchers[resource] = nil }
            if presence.unwatch(resource, by: index) { postToAll(.unwatch(resource)) }
        }
    }

    /// Reports the counts that changed in this turn, and passes new sums on to the workers that watch.
    func reportPresence() {
        for resource in shard.takeChangedPresence() {
            let count = shard.count(of: resource)
            guard let news = presence.report(count, of: resource, by: index) else { continue }
            for watcher in news.watchers {
                peers[watcher].mailbox.post(.presence(resource, count: news.total))
            }
        }
    }

    /// Tells this worker's watchers a new sum.
    func announce(_ count: Int, of resource: Resource) {
        for token in watchers[resource] ?? [] {
            guard let connection = connection(token) else { continue }
            tell(count, of: resource, to: connection)
        }
    }

    /// Tells what had to wait for its second.
    func announceDelayed() {
        let delayed = delayedPresence
        delayedPresence = []
        for (token, resource) in delayed {
            guard let connection = connection(token), connection.watches[resource]?.waiting != nil
            else { continue }
            if let count = connection.watches[resource]?.speak(now: now) {
                send(count, of: resource, to: connection)
            } else {
                delay(resource, for: connection)
            }
        }
    }

    private func tell(_ count: Int, of resource: Resource, to connection: Connection) {
        let wasWaiting = connection.watches[resource]?.waiting != nil
        if let count = connection.watches[resource]?.hear(count, now: now) {
            send(count, of: resource, to: connection)
        } else if connection.watches[resource]?.waiting != nil, !wasWaiting {
            delay(resource, for: connection)
        }
    }

    private func delay(_ resource: Resource, for connection: Connection) {
        delayedPresence.append((connection.token, resource))
        if delayedPresence.count == 1 {
            let due = now.advanced(milliseconds: PresenceWatch.interval / 4)
            _ = wheel.schedule(Self.presenceToken, at: due)
        }
    }

    private func send(_ count: Int, of resource: Resource, to connection: Connection) {
        guard let subscriber = connection.subscriber else { return }
        let event = broker.control.presence(resource, count: count)
        shard.queue(EventFrame(event, content: .control), for: subscriber)
    }

    private func postToAll(_ message: Message) {
        for peer in peers { peer.mailbox.post(message) }
    }
}
