internal import HTTP
internal import Hub
internal import Reactor
internal import Records

extension Worker {
    /// How long a turn serves connections that are ready, in microseconds; the others are
    /// postponed, so that streams get their events in between.
    private static let readyTime = 1_000
    /// The number of ready sockets after which the time is looked at.
    private static let socketsPerLook = 8

    /// Runs one round of the loop.
    ///
    /// - Returns: milliseconds until the next round is wanted; `nil` for no limit.
    func turn(readyCount: Int) -> Int? {
        clock.beginRound()
        takeMail()
        let isBehind = requests.hasBackground || handshakes.isBehind
        requests.goOnWithForeground { serve($0) }
        let watch = readyCount >= Self.socketsPerLook ? Stopwatch() : nil
        var isLate = false
        for index in 0..<readyCount {
            guard let ready = loop.readiness(at: index) else { continue }
            if index % Self.socketsPerLook == Self.socketsPerLook - 1, !isLate {
                isLate = watch.map { $0.microseconds >= Self.readyTime } ?? false
            }
            if ready.token == WorkerClock.Token.listener {
                if handshakes.takesMore { accept(Acceptor.limit(isBehind: isBehind)) }
            } else if let connection = connections[ready.token] {
                handle(ready, on: connection, isLate: isLate)
            }
        }
        requests.goOnWithBackground { serve($0) }
        if handshakes.hasMoreToDo { shakeHands() }
        fireTimers()
        takeMail()
        if streams.hasPresenceToReport {
            streams.reportPresence()
            takeMail()
        }
        flush()
        detachFromBrokerIfUnused()
        if hasMoreToDo { return 0 }
        let rest = clock.millisecondsToNext
        return polls.isEmpty && streams.shard.isPatient ? mailbox.doze(atMost: rest) : rest
    }

    private var hasMoreToDo: Bool {
        // Connections that `flush` served may have posted to this worker's own mailbox.
        streams.hasMoreToDo || requests.hasMoreToDo || handshakes.hasMoreToDo || !mailbox.isEmpty
    }

    /// Accepts connections that wait; where all workers share a socket, each goes to the next
    /// worker in turn.
    func accept(_ limit: Int) {
        acceptor.accept(limit, open: connections.count) { accepted in
            let socket = accepted.socket
            guard let rotation, !accepted.isOnReserve else {
                return admit(socket, onReserve: accepted.isOnReserve)
            }
            let worker = peers[rotation.take()]
            if worker === self { return admit(socket) }
            worker.mailbox.post(.connection(socket))
        }
    }

    private func admit(_ socket: Socket, onReserve: Bool = false) {
        guard let connection = connections.admit(socket, onReserve: onReserve) else { return }
        if connection.transport.needsHandshake {
            handshakes.begin(connection)
        } else {
            connections.beginRequests(on: connection)
        }
    }

    /// Goes on with handshakes, and serves the connections that are encrypted now.
    private func shakeHands() {
        handshakes.goOn { connection, ending in
            switch ending {
            case .encrypted(let announced):
                connections.beginRequests(on: connection)
                connection.requests?.announcedAddress = announced
                requests.begin(connection)
                serve(connection)
            case .unencrypted: requests.refusePlain(connection)
            case .failed: connections.linger(connection, hasReadAll: false)
            }
        }
    }

    /// Acts on a socket's readiness; requests that come when the turn `isLate` are postponed.
    private func handle(_ event: Readiness, on connection: Connection, isLate: Bool) {
        let ready =
            connection.transport.isEncrypted ? connection.transport.absorb(event) : event
        switch connection.life {
        case .handshaking(let isReady): handshakes.note(ready, on: connection, isReady: isReady)
        case .stream(let subscriber):
            // Bytes that a client sends on an open stream are not read.
            if ready.isBroken { return close(connection) }
            if ready.hasEnded { streams.probe(subscriber, of: connection) }
            if ready.canWrite, !subscriber.isWritable { streams.resume(subscriber) }
        case .requests:
            requests.handle(ready, on: connection)
            if isLate { requests.postpone(connection) } else { goOn(connection) }
        case .lingering(let hasReadAll): connections.drain(connection, hasReadAll: hasReadAll)
        case .closed: break
        }
    }

    /// Handles all messages in the mailbox, in their order.
    ///
    /// It may be called again while a message is handled. The inner call goes on with the next
    /// message, so that no event overtakes another.
    func takeMail() {
        mailbox.moveAll(to: &mail)
        while let message = mail.popFirst() {
            switch consume message {
            case .events(let frames): distribute(frames)
            case .measured(let one): publishing.begin(one, delivered: streams.delivered)
            case .answer(let answer, let ticket): settle(answer, ticket: ticket)
            case .presence(let message): streams.take(message)
            case .connection(let socket): admit(socket)
            }
        }
    }

    /// Hands events to the shard, and writes to the streams whenever half of a queue's limit has
    /// been distributed.
    ///
    /// Otherwise many events in one round would fill the queues of streams that read fast enough.
    private func distribute(_ frames: [EventFrame]) {
        for frame in frames {
            streams.shard.distribute(frame)
            polls.wake(for: frame)
            distributedSinceFlush += 1
            bytesSinceFlush += frame.byteCount
            if distributedSinceFlush * 2 > settings.outbox.count
                || bytesSinceFlush * 2 > settings.outbox.bytes
            {
                flushStreams()
            }
        }
    }

    private func flushStreams() {
        distributedSinceFlush = 0
        bytesSinceFlush = 0
        streams.flushAll()
        if publishing.isMeasuring { publishing.end(delivered: streams.delivered) }
    }

    private func fireTimers() {
        for token in clock.takeDue() {
            switch token {
            case WorkerClock.Token.presence: streams.announceDelayed()
            case WorkerClock.Token.listener: acceptor.resume()
            case WorkerClock.Token.cutOffs: streams.logCutOffs()
            case WorkerClock.Token.credentials: streams.lookAtCredentials()
            default: look(at: token)
            }
        }
    }

    /// Acts on the deadline of a connection, if it is over.
    ///
    /// An entry of the timer wheel that comes up before the latest one is stale.
    private func look(at token: UInt64) {
        guard let connection = connections[token], clock.now >= connection.scheduled else { return }
        connection.scheduled = Instant(milliseconds: .max)
        if clock.now < connection.deadline {
            return clock.schedule(connection)
        }
        switch connection.life {
        case .handshaking: close(connection)
        case .stream(let subscriber): streams.timeOut(subscriber, of: connection)
        case .requests(let state):
            // Those that were opened together time out together.
            state.http.timeOut(at: clock.now.milliseconds)
            requests.postpone(connection)
        case .lingering: connections.close(connection)
        case .closed: break
        }
    }

    /// Writes what waits: answers first, so that a publisher does not wait for the fan-out.
    private func flush() {
        var responding: [Connection] = []
        swap(&responding, &respondingMemory)
        requests.takeResponding(into: &responding)
        for connection in responding {
            requests.send(on: connection)
            goOn(connection)
        }
        responding.removeAll(keepingCapacity: responding.count <= Self.keptCapacity)
        respondingMemory = responding
        flushStreams()
        streams.servePages()
        streams.startTimers()
        for fetch in streams.takeFetches() { start(fetch) }
    }

    /// Starts a read for a stream on another thread, and hands over its result on this one.
    private func start(_ fetch: StreamFetch) {
        let (broker, api) = (broker, endpoints.hub.api)
        Task {
            let result: Result<StreamFetch.Brought, LogUnavailable>
            do throws(LogUnavailable) {
                result = .success(try await fetch.read(from: broker, api))
            } catch {
                result = .failure(error)
            }
            preconditionIsolated("a read of the log has left the worker's thread")
            streams.didFetch(result, for: fetch.stream)
        }
    }
}
