// Presence of people: who has streams at a resource, not only how many there are.

internal import Access
internal import Hub
internal import Reactor

extension StreamDesk {
    // MARK: Who is a member

    /// The member that a stream is: the subject of its token, or else what its request said.
    func member(of subscriber: Subscriber) -> MemberName? {
        let stream = subscriber.token
        if let subject = credentials[stream]?.identity.person { return MemberName(subject) }
        return memberNames.isEmpty ? nil : memberNames[stream]
    }

    /// Notes what a new stream's request said of members.
    func noteMembers(_ request: StreamRequest, of subscriber: Subscriber) {
        if let name = request.member { memberNames[subscriber.token] = name }
        if request.wantsMembers { members.add(subscriber.token) }
        if let member = member(of: subscriber) { ledger.join(member, request.selectors) }
    }

    /// Notes that a stream that was `earlier` a member, with `selectors`, has become another one or
    /// receives other resources.
    func noteChange(
        of subscriber: Subscriber, earlier: MemberName?, _ selectors: [Selector]
    ) {
        let member = member(of: subscriber)
        guard member != nil || earlier != nil else { return }
        let kept = member == earlier ? Set(selectors).intersection(subscriber.selectors) : []
        if let member { ledger.join(member, subscriber.selectors.filter { !kept.contains($0) }) }
        if let earlier { leave(earlier, selectors.filter { !kept.contains($0) }) }
    }

    /// Forgets a stream that ends, before the shard does.
    func forgetMember(_ subscriber: Subscriber) {
        members.remove(subscriber.token)
        if let member = member(of: subscriber) { leave(member, subscriber.selectors) }
        if !memberNames.isEmpty { memberNames[subscriber.token] = nil }
    }

    private func leave(_ member: MemberName, _ selectors: [Selector]) {
        ledger.leave(member, selectors, now: clock.now)
        scheduleExpiry()
    }

    /// Lets members leave whose streams ended long enough ago.
    func expireMembers() {
        ledger.expire(now: clock.now)
        scheduleExpiry()
    }

    /// Has `expireMembers` called when that changes something.
    private func scheduleExpiry() {
        guard let next = ledger.nextExpiry, expiry.map({ $0 <= clock.now }) ?? true else { return }
        expiry = next
        clock.schedule(WorkerClock.Token.presence, at: next)
    }

    /// Returns the members at a resource, of which there may be more than are named.
    func namedMembers(at resource: Resource) -> Set<MemberName> {
        var names: Set<MemberName> = []
        for subscriber in shard.receivers(of: resource) {
            if let member = member(of: subscriber) { names.insert(member) }
            if names.count == MemberRoom.maximumNamed { return names }
        }
        ledger.addLeaving(resource, to: &names, now: clock.now)
        return names
    }

    // MARK: Watching

    /// Begins to tell a stream who is at resources.
    func watchMembers(_ resources: [Resource], by stream: UInt64) {
        for resource in resources
        where !members.resources(watchedBy: stream).contains(resource) {
            let total = watchCount(of: resource)
            let beginning = memberBoard.watch(resource, by: index, post: post)
            tell(
                members.watch(
                    resource, by: stream, from: beginning, count: total, now: clock.now))
        }
    }

    func unwatchMembers(_ resources: [Resource], by stream: UInt64) {
        for resource in resources where members.unwatch(resource, by: stream) {
            unwatchCount(of: resource)
            memberBoard.unwatch(resource, by: index, post: post)
        }
    }

    /// Reports who has come and gone since the last report.
    func reportMembers() {
        guard ledger.hasReports else { return }
        for report in ledger.takeReports() {
            memberBoard.report(report, by: index, post: post)
        }
    }

    func take(_ message: MemberBoard.Message) {
        switch message {
        case .track(let resource, let room):
            let present = shard.receivers(of: resource).compactMap { member(of: $0) }
            ledger.track(resource, for: room, present: present, now: clock.now)
            scheduleExpiry()
        case .untrack(let resource): ledger.untrack(resource)
        case .changed(let resource, let changes):
            tell(members.hear(changes, of: resource, now: clock.now))
        }
    }

    /// Queues what streams are told of members, and schedules `announceDelayed` if others wait.
    func tell(_ notices: [MemberDesk.Notice]) {
        for notice in notices {
            guard let subscriber = connections[notice.stream]?.subscriber else { continue }
            let event = broker.control.presence(
                notice.resource, count: notice.count, joined: notice.joined, left: notice.left)
            tell(event, to: subscriber)
        }
        if members.wantsLook() { scheduleLook() }
    }

    private func post(_ message: MemberBoard.Message, to worker: Int) {
        mailboxes[worker].post(.presence(.members(message)))
    }
}
