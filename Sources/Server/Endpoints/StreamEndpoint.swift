internal import HTTP
internal import Hub
internal import JSON
internal import Producers
internal import Reactor

extension Worker {
    static let streamHeaders = Response(
        .ok,
        fields: [
            // Without it, clients that follow older rules for text take it for Latin-1.
            ("Content-Type", "text/event-stream; charset=utf-8"),
            ("Cache-Control", "no-cache, no-transform"),
            ("X-Accel-Buffering", "no"),
        ] + CORS.fields)

    /// `GET /stream`: turns the connection into a stream, or answers `HEAD`.
    func openStream(_ head: RequestHead, on connection: Connection) throws(Problem) {
        try open(try StreamRequest(head), head, on: connection)
    }

    /// Turns the connection into a stream that ends with the job `job`, if there is one.
    func open(
        _ request: StreamRequest, _ head: RequestHead, on connection: Connection,
        job: JobStreamRequest? = nil
    ) throws(Problem) {
        if let trouble = temporaryTrouble(of: connection) {
            return answerClosing(trouble, head, on: connection)
        }
        guard head.method != .head else { return answerHead(head, on: connection) }

        // What was acknowledged before this request was sent is behind the cursor that is announced.
        attachToBroker()
        let (phase, refusal) = startingPhase(request)
        let framing = head.minorVersion > 0 ? StreamFraming.chunked : .bare
        let subscriber = Subscriber(
            token: connection.token, id: ConnectionID(worker: index, token: connection.token),
            framing: framing, filter: request.filter, phase: phase)
        subscriber.rule = job?.rule
        subscriber.hasLastEvent = job?.ended != nil
        connection.keepalive = UInt32(request.keepalive ?? settings.keepalive)
        shard.add(subscriber, to: request.selectors)
        if case .opening = phase { shard.requestSnapshot(of: request.selectors, for: subscriber) }

        var block = broker.control.connected(
            connection: subscriber.id.description, selectors: request.names,
            resumed: request.cursor != nil && refusal == nil,
            keepalive: Double(connection.keepalive) / 1000)
        if let refusal { block += broker.control.reset(refusal.reason, oldest: refusal.oldest) }
        if let ended = job?.ended { block += ended.opening }
        if phase == .live {
            block += broker.control.live(at: shard.position)
            subscriber.hasAnnouncedLive = true
        }
        send(head, firstBlock: block, to: subscriber)
        adopt(subscriber, on: connection)
        watch(request.watched, for: connection)
        sendTextSoFar(to: subscriber)
        enqueueIfBehind(subscriber)
    }

    /// Behind where the cursor allows to resume; else afresh, with a snapshot if there may be one.
    private func startingPhase(
        _ request: StreamRequest
    ) -> (Subscriber.Phase, Broker.Refusal?) {
        let hasSnapshot = request.wantsSnapshot && broker.mayHoldState(of: request.selectors)
        let afresh = hasSnapshot ? Subscriber.Phase.opening(cursor: shard.position) : .live
        guard let cursor = request.cursor else { return (afresh, nil) }
        switch broker.resumption(from: cursor) {
        case .failure(let refusal): return (afresh, refusal)
        case .success(let sequence):
            return (sequence >= shard.position ? .live : .behind(cursor: sequence), nil)
        }
    }

    func answerHead(_ head: RequestHead, on connection: Connection) {
        guard let exchange = connection.exchange else { return }
        let ends =
            !head.keepAlive || head.minorVersion == 0
            || temporaryTrouble(of: connection) != nil
        var response = Self.streamHeaders
        if !ends { response.fields += fieldLines.promise }
        exchange.output += response.encodedStreamHead(
            minorVersion: head.minorVersion, close: ends, date: dateField.value())
        exchange.closesAfterOutput = ends
        exchange.phase = .idle
        responding.append(connection)
    }

    /// Queues the response's head and the first block as one piece.
    private func send(_ head: RequestHead, firstBlock: [UInt8], to subscriber: Subscriber) {
        var bytes = Self.streamHeaders.encodedStreamHead(
            minorVersion: head.minorVersion, close: head.minorVersion == 0,
            date: dateField.value())
        let frame = EventFrame(firstBlock, content: .control)
        switch subscriber.framing {
        case .chunked: unsafe bytes.append(contentsOf: frame.chunk)
        case .bare: bytes += firstBlock
        }
        shard.queue(EventFrame(raw: bytes), for: subscriber)
    }

    private func adopt(_ subscriber: Subscriber, on connection: Connection) {
        let unsent = connection.exchange.map { Array($0.output[$0.outputStart...]) } ?? []
        connection.exchange = nil
        connection.subscriber = subscriber
        setDeadline(connection, in: Int(connection.keepalive))
        // Answers to requests that came before on this connection, pipelined.
        if !unsent.isEmpty { shard.queueFirst(EventFrame(raw: unsent), for: subscriber) }
    }

    /// Takes a stream out of the registry when its connection ends.
    func end(_ subscriber: Subscriber, of connection: Connection) {
        connection.subscriber = nil
        unwatch(Array(connection.watches.keys), for: connection)
        shard.remove(subscriber)
        detachFromBrokerIfUnused()
    }

    /// `PATCH /stream/{connection}`: asks the worker that has the stream.
    func changeStream(
        _ name: String, _ request: Request, on connection: Connection
    ) throws(Problem) {
        let change = try StreamChange(request.body)
        guard let id = ConnectionID(name), peers.indices.contains(id.worker) else {
            throw Self.unknownStream
        }
        respond(on: connection) { worker in
            let names = try await worker.peers[id.worker].apply(change, to: id)
            return .json { json in
                json.key("resources")
                json.beginArray()
                for name in names { json.string(name.description) }
                json.endArray()
            }
        }
    }

    /// Changes what one of this worker's streams asks for; all that it asks for then.
    private func apply(
        _ change: StreamChange, to id: ConnectionID
    ) throws(Problem) -> [Selector] {
        guard let connection = connection(id.token), let subscriber = connection.subscriber,
            subscriber.id == id
        else { throw Self.unknownStream }
        let present = Set(names(of: connection, subscriber))
        let count = present.subtracting(change.removed).union(change.added).count
        guard count <= SelectorList.limit else {
            throw Problem(
                .unprocessableContent,
                "The stream would have \(count) resources; at most \(SelectorList.limit) are taken.",
                pointer: "/add")
        }
        takeMail()
        let (added, watched) = try StreamRequest.split(change.added)
        let (removed, unwatched) = try StreamRequest.split(change.removed)
        let isNew = shard.change(subscriber, adding: added, removing: removed)
        if broker.mayHoldState(of: isNew) { shard.requestSnapshot(of: isNew, for: subscriber) }
        unwatch(unwatched, for: connection)
        let names = names(of: connection, subscriber, adding: watched)
        shard.queue(
            EventFrame(broker.control.subscribed(names), content: .control), for: subscriber)
        watch(watched, for: connection)
        flush(subscriber)
        enqueueIfBehind(subscriber)
        return names
    }

    private func names(
        of connection: Connection, _ subscriber: Subscriber, adding watched: [Resource] = []
    ) -> [Selector] {
        let all = Set(connection.watches.keys).union(watched).sorted { $0.name < $1.name }
        return subscriber.selectors + all.map(Selector.presence)
    }

    private static var unknownStream: Problem {
        Problem(
            .notFound,
            "There is no open stream of that name; it is in the stream's connected event.")
    }
}
