internal import Hub
internal import Reactor
internal import Telemetry

extension Worker {
    /// Pages of the log served in one turn, so that live delivery goes on in a storm of resumes.
    private static let pagesPerTurn = 64

    /// Writes to every stream that got something, one write each.
    func flushStreams() {
        distributedSinceFlush = 0
        bytesSinceFlush = 0
        for subscriber in shard.takeDirty() {
            flush(subscriber)
            enqueueIfBehind(subscriber)
        }
    }

    /// Begins to time the streams whose queue was found full.
    func watchPressed() {
        for subscriber in shard.takePressed() {
            guard let connection = connection(subscriber.token) else { continue }
            setDeadline(connection, in: settings.broadcastTimeout)
        }
    }

    /// Writes what waits for one stream as far as its socket takes it.
    func flush(_ subscriber: Subscriber) {
        guard let connection = connection(subscriber.token) else { return }
        var hasProgressed = false
        while subscriber.hasQueued, subscriber.isWritable {
            shard.gather(subscriber, into: vectors)
            switch connection.socket.send(vectors) {
            case .bytes(let count):
                hasProgressed = true
                if count < vectors.byteCount { subscriber.isWritable = false }
                shard.markSent(count, for: subscriber)
            case .wouldBlock: subscriber.isWritable = false
            case .broken: return close(connection)
            }
        }
        if subscriber.isOver {
            if !sendWholeText(to: subscriber) { finish(subscriber, connection) }
            return
        }
        guard hasProgressed else { return }
        if subscriber.isPressed {
            setDeadline(connection, in: settings.broadcastTimeout)
        } else {
            setDeadline(connection, in: Int(connection.keepalive))
        }
    }

    // MARK: Reading on from the log

    func enqueueIfBehind(_ subscriber: Subscriber) {
        guard shard.wantsPage(subscriber), !subscriber.isInBacklog else { return }
        subscriber.isInBacklog = true
        behind.append(subscriber)
    }

    /// Serves the next pages, round and round among the streams that are behind.
    func servePages() {
        for subscriber in behind.takeFirst(Self.pagesPerTurn) {
            subscriber.isInBacklog = false
            guard shard.wantsPage(subscriber) else { continue }
            servePage(subscriber)
            enqueueIfBehind(subscriber)
        }
    }

    private func servePage(_ subscriber: Subscriber) {
        if let snapshot = subscriber.snapshots.first { return fetch(snapshot, for: subscriber) }
        guard case .behind(let cursor) = subscriber.phase else { return }
        let page = broker.recentPage(
            after: cursor, upTo: shard.position, matching: subscriber.selectors,
            limit: settings.outbox.count)
        if let page {
            deliver(page, to: subscriber)
        } else {
            fetchPage(after: cursor, for: subscriber)
        }
    }

    private func deliver(_ page: LogPage, to subscriber: Subscriber) {
        shard.queue(page.frames, upTo: page.end, for: subscriber)
        if subscriber.phase == .live { announceLive(subscriber) }
        sendTextSoFar(to: subscriber)
        flushPage(of: subscriber)
    }

    private func deliver(_ page: [StateFrame], to subscriber: Subscriber) {
        shard.queue(page, isLast: page.count < settings.outbox.count, for: subscriber)
        if subscriber.snapshots.isEmpty, case .opening(let cursor) = subscriber.phase {
            announceLive(subscriber, at: cursor)
            shard.finishOpening(subscriber)
        }
        sendTextSoFar(to: subscriber)
        flushPage(of: subscriber)
    }

    /// Ends the catching up, once: with the cursor that the stream has been served up to.
    func announceLive(_ subscriber: Subscriber, at sequence: UInt64? = nil) {
        if subscriber.hasAnnouncedLive { return }
        subscriber.hasAnnouncedLive = true
        let live = broker.control.live(at: sequence ?? shard.position)
        shard.queue(EventFrame(live, content: .control), for: subscriber)
    }

    private func flushPage(of subscriber: Subscriber) {
        flush(subscriber)
        if !subscriber.isWritable { shard.press(subscriber) }
    }

    // MARK: What is not in memory

    private func fetch(_ snapshot: Subscriber.Snapshot, for subscriber: Subscriber) {
        let limit = settings.outbox.count
        fetch(for: subscriber) { [broker] () async throws(LogUnavailable) in
            try await broker.state(
                of: snapshot.selectors, after: snapshot.cursor, upTo: snapshot.last, limit: limit)
        } deliver: { worker, subscriber, page in
            worker.deliver(page, to: subscriber)
        }
    }

    private func fetchPage(after cursor: UInt64, for subscriber: Subscriber) {
        let (last, selectors) = (shard.position, subscriber.selectors)
        let limit = settings.outbox.count
        fetch(for: subscriber) { [broker] () async throws(LogUnavailable) in
            try await broker.page(after: cursor, upTo: last, matching: selectors, limit: limit)
        } deliver: { worker, subscriber, page in
            if let page {
                worker.deliver(page, to: subscriber)
            } else {
                worker.noteCutOff()
                worker.sendClosing(.slow, to: subscriber)
            }
        }
    }

    /// Reads elsewhere and goes on here, if the stream is still there then.
    func fetch<Page: Sendable>(
        for subscriber: Subscriber,
        _ read: @escaping @Sendable () async throws(LogUnavailable) -> Page,
        deliver: @escaping (isolated Worker, Subscriber, Page) -> Void
    ) {
        subscriber.isFetching = true
        let token = subscriber.token
        Task {
            let result: Result<Page, LogUnavailable>
            do throws(LogUnavailable) { result = .success(try await read()) } catch {
                result = .failure(error)
            }
            guard let connection = connection(token), let subscriber = connection.subscriber else {
                return
            }
            subscriber.isFetching = false
            switch result {
            case .success(let page):
                deliver(self, subscriber, page)
                enqueueIfBehind(subscriber)
            case .failure(let reason):
                log.error(
                    "A stream cannot read on", ["connection": subscriber.id, "reason": reason])
                sendClosing(.unavailable, to: subscriber)
            }
        }
    }

    // MARK: Silence and stalls

    /// The stream has been silent for the keep-alive interval, or took nothing for the broadcast timeout.
    func timeOut(_ subscriber: Subscriber, of connection: Connection) {
        if subscriber.isPressed, !subscriber.isWritable {
            noteCutOff()
            return close(connection, byReset: true)
        }
        setDeadline(connection, in: Int(connection.keepalive))
        sendKeepalive(to: subscriber)
    }

    /// Finds out whether a peer that has ended its side is still there.
    ///
    /// It may have shut down its sending side only, and reads on. If it has gone, its system answers what is sent with
    /// a reset, which ends the stream: so presence falls within a round trip, not at the next event.
    func probe(_ subscriber: Subscriber, of connection: Connection) {
        if connection.peerHasEnded { return }
        connection.peerHasEnded = true
        sendKeepalive(to: subscriber)
    }

    private func sendKeepalive(to subscriber: Subscriber) {
        // Bytes already wait: what is sent when the socket takes them is sign of life enough.
        guard !subscriber.hasQueued else { return }
        let cursor = subscriber.hasAnnouncedLive ? shard.cursor(of: subscriber) : nil
        let keepalive = broker.control.keepalive(at: cursor)
        shard.queue(EventFrame(keepalive, content: .control), for: subscriber)
        flush(subscriber)
    }

    /// Ends a stream with a reason, if it still takes bytes.
    func sendClosing(_ reason: ClosingReason, to subscriber: Subscriber) {
        guard let connection = connection(subscriber.token) else { return }
        let closing = broker.control.closing(reason, retry: Self.retry(after: reason))
        shard.queue(EventFrame(closing, content: .control), for: subscriber)
        if subscriber.framing == .chunked {
            shard.queue(EventFrame(raw: Self.lastChunk), for: subscriber)
        }
        flush(subscriber)
        guard connections[Int(connection.socket.descriptor)] === connection else { return }
        endStream(connection, subscriber)
    }

    /// Ends a stream that has been sent all that there is for it.
    private func finish(_ subscriber: Subscriber, _ connection: Connection) {
        if subscriber.framing == .chunked {
            _ = unsafe Self.lastChunk.withUnsafeBytes { unsafe connection.socket.send($0) }
        }
        endStream(connection, subscriber)
    }

    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Lets go of a stream that was sent its last bytes, and waits for the client to read them.
    private func endStream(_ connection: Connection, _ subscriber: Subscriber) {
        end(subscriber, of: connection)
        connection.isLingering = true
        connection.exchange = Exchange()
        connection.exchange?.closesAfterOutput = true
        connection.socket.endSending()
        setDeadline(connection, in: settings.shutdownTimeout)
        drain(connection)
    }
}
