internal import Hub
internal import Reactor

extension Worker {
    static let listenerToken = UInt64(1) << 62

    /// One round of the loop; milliseconds until the next is wanted.
    func turn(readyCount: Int) -> Int? {
        now = .now()
        takeMail()
        for index in 0..<readyCount {
            guard let ready = loop.readiness(at: index) else { continue }
            if ready.token == Self.listenerToken {
                accept()
            } else if let connection = connection(ready.token) {
                handle(ready, on: connection)
            }
        }
        fireTimers()
        takeMail()
        reportPresence()
        takeMail()
        flush()
        return hasMoreToDo ? 0 : wheel.millisecondsToNext(from: now)
    }

    private var hasMoreToDo: Bool {
        // Going on with a connection after its answer was written may have posted to this worker itself.
        !behind.isEmpty || !responding.isEmpty || !mailbox.isEmpty
    }

    private func handle(_ ready: Readiness, on connection: Connection) {
        if let subscriber = connection.subscriber {
            // What a client sends on an open stream is left in the socket, unread.
            if ready.isBroken { return close(connection) }
            if ready.hasEnded { probe(subscriber, of: connection) }
            if ready.canWrite, !subscriber.isWritable {
                subscriber.isWritable = true
                flush(subscriber)
                enqueueIfBehind(subscriber)
            }
            return
        }
        if connection.isLingering { return drain(connection) }
        if ready.canWrite, let exchange = connection.exchange, exchange.isBlocked {
            exchange.isBlocked = false
            responding.append(connection)
        }
        if ready.hasEnded, connection.exchange?.endsWithPeer == true { return close(connection) }
        if ready.hasEnded {
            connection.peerHasEnded = true
            shortenPoll(of: connection)
        }
        if ready.canRead || ready.hasEnded { receive(connection) }
    }

    /// Takes all that other threads have posted, in their order.
    ///
    /// May be called again while a message is handled: the inner call goes on where the outer one is, so
    /// that no event overtakes another.
    func takeMail() {
        mail.append(contentsOf: mailbox.takeAll())
        while let message = mail.popFirst() {
            switch message {
            case .events(let frames): distribute(frames)
            case .answer(let answer, let ticket): settle(answer, ticket: ticket)
            case .watch(let resource): shard.watch(resource)
            case .unwatch(let resource): shard.unwatch(resource)
            case .presence(let resource, let count): announce(count, of: resource)
            case .connection(let socket): admit(socket)
            }
        }
    }

    /// Hands events to the shard, and writes in between when they would fill queues by their number alone.
    private func distribute(_ frames: [EventFrame]) {
        for frame in frames {
            shard.distribute(frame)
            wakePolls(for: frame)
            distributedSinceFlush += 1
            bytesSinceFlush += frame.byteCount
            if distributedSinceFlush * 2 > settings.outbox.count
                || bytesSinceFlush * 2 > settings.outbox.bytes
            {
                flushStreams()
            }
        }
    }

    private func fireTimers() {
        var due: [UInt64] = []
        wheel.advance(to: now) { due.append($0) }
        for token in due {
            if token == Self.presenceToken { announceDelayed() }
            if token == Self.listenerToken { resumeAccepting() }
            if token == Self.cutOffToken { logCutOffs() }
            guard let connection = connection(token), now >= connection.scheduled else { continue }
            connection.scheduled = Instant(milliseconds: .max)
            if now < connection.deadline {
                schedule(connection)
            } else {
                timeOut(connection)
            }
        }
    }

    private func timeOut(_ connection: Connection) {
        if let subscriber = connection.subscriber {
            timeOut(subscriber, of: connection)
        } else if let exchange = connection.exchange {
            timeOut(exchange, of: connection)
        }
    }

    /// Writes what waits: answers first, so that a publisher does not wait for the fan-out.
    private func flush() {
        let answered = responding
        responding.removeAll(keepingCapacity: true)
        for connection in answered { flushOutput(connection) }
        flushStreams()
        servePages()
        watchPressed()
    }
}
