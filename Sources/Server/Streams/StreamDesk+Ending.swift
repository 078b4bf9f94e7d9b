internal import Hub
internal import Reactor

extension StreamDesk {
    // MARK: Silence and stalls

    /// Acts on a deadline that is over: resets a stream that took nothing for the broadcast
    /// timeout, and sends a keep-alive to any other.
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
    /// The peer may have shut down its sending side only and read on. If it has gone, its system
    /// answers the keep-alive with a reset, which ends the stream. So presence counts fall within a
    /// round trip, not at the next event.
    func probe(_ subscriber: Subscriber, of connection: Connection) {
        if connection.peerHasEnded { return }
        connection.peerHasEnded = true
        sendKeepalive(to: subscriber)
    }

    private func sendKeepalive(to subscriber: Subscriber) {
        // Bytes wait already, and are the sign of life when the socket takes them.
        guard !hasUnsent(for: subscriber) else { return }
        let cursor = subscriber.hasAnnouncedLive ? shard.cursor(of: subscriber) : nil
        let keepalive =
            subscriber.isRaw
            ? ControlEvents.comment : broker.control.keepalive(at: cursor)
        shard.queue(EventFrame(keepalive, content: .control), for: subscriber)
        flush(subscriber)
    }

    // MARK: Ends

    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Closes a stream's connection at once, even if bytes wait for it.
    func close(_ connection: Connection, byReset: Bool = false) {
        if let subscriber = connection.subscriber {
            release(subscriber, byReset ? .slow : .client)
        }
        connections.close(connection, byReset: byReset)
    }

    /// Ends a stream, and before that sends it `closing` with the reason if its socket takes bytes.
    func sendClosing(_ reason: ClosingReason, to subscriber: Subscriber) {
        guard let connection = connections[subscriber.token] else { return }
        // What is gathered for a batch comes before the end, above all what is in no log.
        shard.endWindow(of: subscriber)
        let closing = broker.control.closing(reason, retry: reason.retry)
        shard.queue(EventFrame(closing, content: .control), for: subscriber)
        flush(subscriber)
        guard case .stream = connection.life else { return }
        finish(subscriber, connection, StreamFigures.Outcome(reason))
    }

    /// Ends a stream that was sent its last event, once all is known that this depends on.
    func endByItself(_ subscriber: Subscriber, _ connection: Connection) {
        if fetchWholeText(for: subscriber) { return }
        if let rule = subscriber.rule as? UntilEndRule, !rule.ends.isConfirmed {
            return fetch(.ends(of: Array(rule.ends.resources)), for: subscriber)
        }
        guard subscriber.rule?.announcesEnd == true else {
            return finish(subscriber, connection, .end)
        }
        let mayLackLastEvent = subscriber.rule is UntilEndRule && subscriber.filter != nil
        // What is queued from here on must not end the stream once more.
        subscriber.rule = nil
        subscriber.hasLastEvent = false
        // The last event may have been left out; then this is the cursor that is behind it.
        if mayLackLastEvent, let cursor = shard.cursor(of: subscriber) {
            tell(broker.control.keepalive(at: cursor), to: subscriber)
        }
        sendClosing(.end, to: subscriber)
    }

    /// Takes what the store has said of the ends of a stream's resources.
    func take(_ ended: Set<Resource>, asOf sequence: UInt64, for subscriber: Subscriber) {
        guard let rule = subscriber.rule as? UntilEndRule else { return }
        rule.confirm(ended, asOf: sequence)
        subscriber.hasLastEvent = rule.ends.mayBeOver
        flush(subscriber)
    }

    /// Ends a stream; its bytes are complete if it has been sent all that waited for it.
    private func finish(
        _ subscriber: Subscriber, _ connection: Connection, _ outcome: StreamFigures.Outcome
    ) {
        if subscriber.framing == .chunked, !hasUnsent(for: subscriber) {
            _ = unsafe Self.lastChunk.withUnsafeBytes { unsafe connection.transport.send($0) }
        }
        end(subscriber, connection, outcome)
    }

    /// Removes a stream that was sent its last bytes, and lets the client read them.
    private func end(
        _ subscriber: Subscriber, _ connection: Connection, _ outcome: StreamFigures.Outcome
    ) {
        release(subscriber, outcome)
        // Longer than a stop of the hub waits, because the stop counts and logs what it cuts off.
        connections.linger(
            connection, hasReadAll: true, for: settings.shutdownTimeout + Connections.lingerTimeout)
    }

    /// Removes a stream from all tables.
    private func release(_ subscriber: Subscriber, _ outcome: StreamFigures.Outcome) {
        figures.noteEnd(outcome, after: clock.now.since(subscriber.opened))
        unwatch(watchedResources(of: subscriber), for: subscriber)
        forgetMember(subscriber)
        shard.remove(subscriber)
        dropHead(of: subscriber)
        credentials.remove(subscriber.token)
        limits.release(subscriber.token)
    }
}

extension ClosingReason {
    /// Milliseconds until a client may come back, partly random so that not all streams of a hub
    /// return at once.
    var retry: Int {
        let base = ControlEvents.retry
        return switch self {
        // Each return costs the hub a descriptor that it does not have.
        case .overloaded: 5 * base + Int.random(in: 0..<5_000)
        case .shutdown, .slow, .unavailable, .tokenExpired, .revoked, .end:
            base + Int.random(in: 0..<2_000)
        }
    }
}
