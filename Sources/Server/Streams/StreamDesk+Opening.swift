internal import HTTP
internal import Hub
internal import Producers

/// A stream that is to be opened.
struct StreamPlan: Sendable {
    let request: StreamRequest
    let caller: Caller
    /// Present for a job's own stream, which ends with the job.
    var job: JobStreamRequest?
    /// What is known of the resources' ends; present for a stream that ends with them.
    var ends: StreamEnds?

    /// The rule of the stream, and whether it may be over as it begins.
    var rule: (rule: any StreamRule, mayBeOver: Bool)? {
        if let job {
            let rule = JobStreamRule(
                job: job.job, awaitsText: job.awaitsText, names: job.names,
                announcesEnd: request.endsWithResources)
            return (rule, job.ended != nil)
        }
        return ends.map { (UntilEndRule($0), $0.mayBeOver) }
    }
}

extension StreamDesk {
    /// The response head of every stream, without the fields that depend on the connection.
    static let headers = Response(
        .ok,
        fields: [
            // Without the charset, clients that follow older rules take the text for Latin-1.
            ("Content-Type", "text/event-stream; charset=utf-8"),
            ("Cache-Control", "no-cache, no-transform"),
            ("X-Accel-Buffering", "no"),
            CORS.vary,
        ])

    /// Turns a connection into a stream.
    ///
    /// The worker has emptied its mailbox before, so that `position` covers all events that were
    /// acknowledged until now.
    func open(_ plan: StreamPlan, _ head: RequestHead, on connection: Connection) {
        let request = plan.request
        let (phase, refusal) = startingPhase(request)
        let framing = head.minorVersion > 0 ? StreamFraming.chunked : .bare
        let subscriber = Subscriber(
            token: connection.token, id: ConnectionID(worker: index, token: connection.token),
            framing: framing, filter: request.filter, phase: phase, opened: clock.now)
        figures.noteOpening(isChunked: framing == .chunked)
        if request.cursor != nil { noteCursor(of: subscriber, refusal) }
        if request.isRaw { subscriber.view = .raw }
        subscriber.batch = request.batch.map { BatchGatherer(window: $0) }
        if let (rule, mayBeOver) = plan.rule {
            subscriber.rule = rule
            subscriber.hasLastEvent = mayBeOver
        }
        if let job = plan.job { subscriber.view = job.names.view(over: nil) }
        connection.keepalive = UInt32(request.keepalive ?? settings.keepalive)
        shard.add(subscriber, to: request.selectors)
        if case .opening(let cursor) = phase { prepare(request, for: subscriber, upTo: cursor) }

        var block =
            request.isRaw
            ? ControlEvents.comment
            : broker.control.connected(
                connection: subscriber.id.description, selectors: request.names,
                resumed: request.cursor != nil && refusal == nil,
                keepalive: Double(connection.keepalive) / 1000)
        if let refusal { block += broker.control.reset(refusal.reason, oldest: refusal.oldest) }
        if let ended = plan.job?.ended { block += ended.opening }
        if phase == .live {
            if !request.isRaw { block += broker.control.live(at: shard.position) }
            subscriber.hasAnnouncedLive = true
        }
        let beginning = Self.beginning(
            head, firstBlock: block, isWhole: false,
            corsFields: connection.requests?.corsFields ?? [], date: clock.date())
        adopt(subscriber, on: connection, beginning: beginning)
        keepCredentials(of: plan.caller, for: subscriber)
        noteMembers(request, of: subscriber)
        watch(request.watched, for: subscriber)
        sendTextSoFar(to: subscriber)
        enqueueIfBehind(subscriber)
        endIfRevoked(subscriber)
    }

    /// Chooses the phase in which a stream begins.
    ///
    /// - Returns: `behind` or `live` when the stream resumes from its cursor, else `opening` when
    ///   there may be a snapshot and `live` when not; and why the cursor was refused, if it was.
    private func startingPhase(
        _ request: StreamRequest
    ) -> (Subscriber.Phase, Broker.Refusal?) {
        let hasSnapshot = request.wantsSnapshot && broker.mayHoldState(of: request.selectors)
        let isOpening = hasSnapshot || request.rewind != nil
        let afresh = isOpening ? Subscriber.Phase.opening(cursor: shard.position) : .live
        guard let cursor = request.cursor else { return (afresh, nil) }
        switch broker.resumption(from: cursor) {
        case .failure(let refusal): return (afresh, refusal)
        case .success(let sequence):
            return (sequence >= shard.position ? .live : .behind(cursor: sequence), nil)
        }
    }

    /// Counts from where a stream goes on that came with a cursor, as far as that is known yet.
    private func noteCursor(of subscriber: Subscriber, _ refusal: Broker.Refusal?) {
        if let refusal {
            figures.noteResumption(from: StreamFigures.Source(refusal.reason))
        } else if subscriber.phase == .live {
            figures.noteResumption(from: .memory)
        } else {
            subscriber.isResuming = true
        }
    }

    /// Asks for what a fresh stream begins with: the last events up to its cursor, or its state.
    private func prepare(
        _ request: StreamRequest, for subscriber: Subscriber, upTo cursor: UInt64
    ) {
        guard let count = request.rewind else {
            return shard.requestSnapshot(of: request.selectors, for: subscriber)
        }
        let search = RewindSearch(
            count: count, upTo: cursor, matching: request.selectors, named: request.filter)
        fetch(.rewind(search), for: subscriber)
    }

    /// Encodes a stream's response head and its first SSE block as one piece.
    ///
    /// A stream that `isWhole` ends with that block.
    static func beginning(
        _ head: RequestHead, firstBlock: [UInt8], isWhole: Bool, corsFields: [(String, String)],
        date: String
    ) -> [UInt8] {
        var headers = headers
        headers.fields += corsFields
        let isChunked = head.minorVersion > 0
        var bytes = headers.encodedStreamHead(
            minorVersion: head.minorVersion, close: isWhole || !isChunked, date: date)
        guard isChunked else { return bytes + firstBlock }
        withExtendedLifetime(EventFrame(firstBlock, content: .control)) { frame in
            unsafe bytes.append(contentsOf: frame.chunk)
        }
        return isWhole ? bytes + lastChunk : bytes
    }

    private func adopt(
        _ subscriber: Subscriber, on connection: Connection, beginning: [UInt8]
    ) {
        // Answers to requests that were pipelined before this one are sent first.
        let unsent = connection.requests?.http.takeUnsent() ?? []
        connection.life = .stream(subscriber)
        clock.setDeadline(connection, in: Int(connection.keepalive))
        begin(subscriber, with: unsent.isEmpty ? beginning : unsent + beginning)
    }

    // MARK: Changes

    /// Changes which resources an open stream asks for.
    ///
    /// - Returns: all that the stream asks for after the change.
    /// - Throws: 404 when there is no such stream here, 401 or 403 when it is another's, 422 when
    ///   it would ask for too much.
    func apply(
        _ change: StreamChange, to id: ConnectionID, by caller: Caller
    ) throws(Problem) -> [Selector] {
        guard let subscriber = connections[id.token]?.subscriber, subscriber.id == id
        else { throw StreamChange.unknownStream }
        try check(change, to: subscriber, by: caller)
        let present = Set(names(of: subscriber))
        let count = present.subtracting(change.removed).union(change.added).count
        guard count <= SelectorList.limit else {
            throw Problem(
                .unprocessableContent,
                "The stream would have \(count) resources; at most \(SelectorList.limit) are taken.",
                pointer: "/add")
        }
        let (added, watched) = try StreamRequest.split(change.added)
        let untilEnd = subscriber.rule as? UntilEndRule
        if untilEnd != nil, added.contains(where: \.isPattern) {
            throw Problem(
                .unprocessableContent,
                "A stream with until=end has resources only; a pattern never ends.",
                pointer: "/add")
        }
        let (earlier, selectors) = (member(of: subscriber), subscriber.selectors)
        let dropped = renew(subscriber, by: caller)
        // What was gathered came before the change, and before the state that it may bring.
        shard.endWindow(of: subscriber)
        let (removed, unwatched) = try StreamRequest.split(change.removed + dropped)
        let isNew = shard.change(subscriber, adding: added, removing: removed)
        if let untilEnd {
            untilEnd.follow(subscriber.selectors)
            subscriber.hasLastEvent = untilEnd.ends.mayBeOver
        }
        if broker.mayHoldState(of: isNew) { shard.requestSnapshot(of: isNew, for: subscriber) }
        noteChange(of: subscriber, earlier: earlier, selectors)
        unwatch(unwatched, for: subscriber)
        let names = names(of: subscriber, adding: watched)
        tell(broker.control.subscribed(names), to: subscriber)
        watch(watched, for: subscriber)
        flush(subscriber)
        enqueueIfBehind(subscriber)
        endIfRevoked(subscriber)
        return names
    }

    func names(
        of subscriber: Subscriber, adding watched: [Resource] = []
    ) -> [Selector] {
        let all = Set(watchedResources(of: subscriber)).union(watched)
        return subscriber.selectors + all.sorted { $0.name < $1.name }.map(Selector.presence)
    }

    // MARK: The text of a job

    /// Sends a job's text so far, if there is any, to a live stream that waits for it.
    func sendTextSoFar(to subscriber: Subscriber) {
        guard subscriber.phase == .live, let rule = subscriber.rule as? JobStreamRule,
            let jobs, let text = rule.takeTextSoFar(from: jobs)
        else { return }
        shard.queue(broker.frame(ofTransient: text), for: subscriber)
    }

    /// Requests the whole text of an ended job, for a stream that waits for it and has none of it.
    ///
    /// - Returns: `false` when there is nothing to wait for, and the stream can be ended.
    func fetchWholeText(for subscriber: Subscriber) -> Bool {
        guard let rule = subscriber.rule as? JobStreamRule, rule.awaitsText, jobs != nil else {
            return false
        }
        rule.endText()
        fetch(.text(job: rule.job), for: subscriber)
        return true
    }
}
