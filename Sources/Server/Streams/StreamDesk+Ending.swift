internal import Hub
internal import Reactor

extension StreamDesk {
    // MARK: Silence and stalls

    /// The stream has been silent for the keep-alive interval, or took nothing for the broadcast
    /// timeout.
    func timeOut(_ subscriber: Subscriber, of connection: Connection) {
        if subscriber.isStalled, !subscriber.isWritable {
            noteCutOff()
            return close(connection, byReset: true)
        }
        clock.setDeadline(connection, in: Int(connection.keepalive))
        sendKeepalive(to: subscriber)
    }

    /// Finds out whether a peer that has ended its side is still there.
    ///
    /// It may have shut down its sending side only, and reads on. If it has gone, its system
    /// answers what is sent with a reset, which ends the stream: so presence falls within a round
    /// trip, not at the next event.
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

    // MARK: Ends

    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Ends a stream at once, whatever waits for it.
    func close(_ connection: Connection, byReset: Bool = false) {
        if let subscriber = connection.subscriber { release(subscriber) }
        connections.close(connection, byReset: byReset)
    }

    /// Ends a stream with a reason, if it still takes bytes.
    func sendClosing(_ reason: ClosingReason, to subscriber: Subscriber) {
        guard let connection = connections[subscriber.token] else { return }
        let closing = broker.control.closing(reason, retry: reason.retry)
        shard.queue(EventFrame(closing, content: .control), for: subscriber)
        if subscriber.framing == .chunked {
            shard.queue(EventFrame(raw: Self.lastChunk), for: subscriber)
        }
        flush(subscriber)
        guard case .stream = connection.life else { return }
        end(subscriber, connection)
    }

    /// Ends a stream that has been sent all that there is for it.
    func finish(_ subscriber: Subscriber, _ connection: Connection) {
        if subscriber.framing == .chunked {
            _ = unsafe Self.lastChunk.withUnsafeBytes { unsafe connection.transport.send($0) }
        }
        end(subscriber, connection)
    }

    /// Lets go of a stream that was sent its last bytes, and waits for the client to read them.
    private func end(_ subscriber: Subscriber, _ connection: Connection) {
        release(subscriber)
        // Longer than a stop waits: it is the stop that counts and tells of those it cuts off.
        connections.linger(
            connection, hasReadAll: true, for: settings.shutdownTimeout + Connections.lingerTimeout)
    }

    /// Takes a stream out of all tables.
    private func release(_ subscriber: Subscriber) {
        unwatch(presence.resources(watchedBy: subscriber.token), for: subscriber)
        shard.remove(subscriber)
    }
}

extension ClosingReason {
    /// When a client may come back, in milliseconds: spread, so that not all streams of a hub
    /// return at once.
    var retry: Int {
        let base = ControlEvents.retry
        return switch self {
        // Each return costs the hub a descriptor that it does not have.
        case .overloaded: 5 * base + Int.random(in: 0..<5_000)
        case .shutdown, .slow, .unavailable: base + Int.random(in: 0..<2_000)
        }
    }
}
