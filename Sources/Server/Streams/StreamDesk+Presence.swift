internal import Hub
internal import Reactor

extension StreamDesk {
    /// Begins to send a stream the counts of resources.
    func watch(_ resources: [Resource], for subscriber: Subscriber) {
        // The stream itself may receive a resource that it watches; then the first count that it is
        // sent must include it.
        reportPresence()
        let stream = subscriber.token
        for resource in resources where presence.watch(resource, by: stream) {
            let (isFirst, total) = presenceBoard.watch(resource, by: index)
            if isFirst { postToAll(.watch(resource)) }
            guard let total else { continue }
            let notice = presence.hear(total, of: resource, for: stream, now: clock.now)
            tell(notice.map { [$0] } ?? [])
        }
    }

    func unwatch(_ resources: [Resource], for subscriber: Subscriber) {
        for resource in resources where presence.unwatch(resource, by: subscriber.token) {
            if presenceBoard.unwatch(resource, by: index) { postToAll(.unwatch(resource)) }
        }
    }

    /// Reports the counts that changed in this turn, and posts new sums to the workers whose
    /// streams watch them.
    func reportPresence() {
        for resource in shard.takeChangedPresence() {
            let count = shard.count(of: resource)
            guard let news = presenceBoard.report(count, of: resource, by: index) else { continue }
            for watcher in news.watchers {
                mailboxes[watcher].post(.presence(resource, count: news.total))
            }
        }
    }

    /// Sends a resource's new sum to those of this worker's streams that watch it.
    func announce(_ count: Int, of resource: Resource) {
        tell(presence.hear(count, of: resource, now: clock.now))
    }

    /// Sends the counts that have waited until their second was over.
    func announceDelayed() {
        tell(presence.takeDelayed(now: clock.now))
    }

    /// Queues counts for their streams, and schedules `announceDelayed` if others wait.
    private func tell(_ notices: [PresenceDesk.Notice]) {
        for notice in notices {
            guard let subscriber = connections[notice.stream]?.subscriber else { continue }
            let event = broker.control.presence(notice.resource, count: notice.count)
            tell(event, to: subscriber)
        }
        if presence.wantsLook() {
            let due = clock.now.advanced(milliseconds: PresenceWatch.interval / 4)
            clock.schedule(WorkerClock.Token.presence, at: due)
        }
    }

    private func postToAll(_ message: Message) {
        for mailbox in mailboxes { mailbox.post(message) }
    }
}
