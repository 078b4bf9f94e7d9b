internal import Hub
internal import Reactor

extension StreamDesk {
    /// Begins to tell a stream the counts of resources.
    func watch(_ resources: [Resource], for subscriber: Subscriber) {
        // The stream itself may receive what it watches, and the first count it hears must have it.
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

    /// Reports the counts that changed in this turn, and passes new sums on to the workers that
    /// watch.
    func reportPresence() {
        for resource in shard.takeChangedPresence() {
            let count = shard.count(of: resource)
            guard let news = presenceBoard.report(count, of: resource, by: index) else { continue }
            for watcher in news.watchers {
                mailboxes[watcher].post(.presence(resource, count: news.total))
            }
        }
    }

    /// Tells this worker's watchers a new sum.
    func announce(_ count: Int, of resource: Resource) {
        tell(presence.hear(count, of: resource, now: clock.now))
    }

    /// Tells what had to wait for its second.
    func announceDelayed() {
        tell(presence.takeDelayed(now: clock.now))
    }

    /// Queues what is to be told now, and has itself called for what waits.
    private func tell(_ notices: [PresenceDesk.Notice]) {
        for notice in notices {
            guard let subscriber = connections[notice.stream]?.subscriber else { continue }
            let event = broker.control.presence(notice.resource, count: notice.count)
            shard.queue(EventFrame(event, content: .control), for: subscriber)
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
