internal import Hub
internal import Reactor

extension StreamDesk {
    /// Begins to send a stream the counts of resources.
    func watch(_ resources: [Resource], for subscriber: Subscriber) {
        // The stream itself may receive a resource that it watches; then the first count that it is
        // sent must include it.
        reportPresence()
        let stream = subscriber.token
        if members.streams.contains(stream) { return watchMembers(resources, by: stream) }
        for resource in resources where presence.watch(resource, by: stream) {
            guard let total = watchCount(of: resource) else { continue }
            let notice = presence.hear(total, of: resource, for: stream, now: clock.now)
            tell(notice.map { [$0] } ?? [])
        }
    }

    func unwatch(_ resources: [Resource], for subscriber: Subscriber) {
        let stream = subscriber.token
        if members.streams.contains(stream) { return unwatchMembers(resources, by: stream) }
        for resource in resources where presence.unwatch(resource, by: stream) {
            unwatchCount(of: resource)
        }
    }

    /// The resources whose presence a stream watches.
    func watchedResources(of subscriber: Subscriber) -> [Resource] {
        members.streams.contains(subscriber.token)
            ? Array(members.resources(watchedBy: subscriber.token))
            : presence.resources(watchedBy: subscriber.token)
    }

    /// Notes that one more stream is told the count of a resource.
    ///
    /// - Returns: the count, if it is known.
    func watchCount(of resource: Resource) -> Int? {
        let (isFirst, total) = presenceBoard.watch(resource, by: index)
        if isFirst { postToAll(.watch(resource)) }
        return total
    }

    func unwatchCount(of resource: Resource) {
        if presenceBoard.unwatch(resource, by: index) { postToAll(.unwatch(resource)) }
    }

    /// Acts on a message about who receives which resources.
    func take(_ message: PresenceMessage) {
        switch message {
        case .watch(let resource): shard.watch(resource)
        case .unwatch(let resource): shard.unwatch(resource)
        case .sum(let resource, let count): announce(count, of: resource)
        case .members(let message): take(message)
        }
    }

    /// Whether `reportPresence` has anything to report.
    var hasPresenceToReport: Bool { !shard.changedPresence.isEmpty || ledger.hasReports }

    /// Reports the counts and the members that changed in this turn, and posts news to the workers
    /// whose streams watch them.
    func reportPresence() {
        reportMembers()
        for resource in shard.takeChangedPresence() {
            let count = shard.count(of: resource)
            guard let news = presenceBoard.report(count, of: resource, by: index) else { continue }
            for watcher in news.watchers {
                mailboxes[watcher].post(.presence(.sum(resource, count: news.total)))
            }
        }
    }

    /// Sends a resource's new sum to those of this worker's streams that watch it.
    private func announce(_ count: Int, of resource: Resource) {
        tell(presence.hear(count, of: resource, now: clock.now))
        tell(members.hear(count, of: resource, now: clock.now))
    }

    /// Sends what has waited until its second was over, and lets members leave whose time is over.
    func announceDelayed() {
        expireMembers()
        tell(presence.takeDelayed(now: clock.now))
        tell(members.takeDelayed(now: clock.now))
    }

    /// Queues counts for their streams, and schedules `announceDelayed` if others wait.
    private func tell(_ notices: [PresenceDesk.Notice]) {
        for notice in notices {
            guard let subscriber = connections[notice.stream]?.subscriber else { continue }
            let event = broker.control.presence(notice.resource, count: notice.count)
            tell(event, to: subscriber)
        }
        if presence.wantsLook() { scheduleLook() }
    }

    /// Has `announceDelayed` called soon.
    func scheduleLook() {
        let due = clock.now.advanced(milliseconds: PresenceWatch.interval / 4)
        clock.schedule(WorkerClock.Token.presence, at: due)
    }

    private func postToAll(_ message: PresenceMessage) {
        for mailbox in mailboxes { mailbox.post(.presence(message)) }
    }
}
