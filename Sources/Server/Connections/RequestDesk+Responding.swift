internal import HTTP
internal import Hub
internal import Reactor

extension RequestDesk {
    /// Output that is written before the turn ends, however many requests are still to be read.
    private static let outputHighWater = 256 << 10

    /// Whether responses wait to be written.
    var hasMoreToDo: Bool { !responding.isEmpty }

    /// The connections whose responses are to be written now.
    func takeResponding() -> [Connection] {
        let taken = responding
        responding.removeAll(keepingCapacity: true)
        return taken
    }

    /// Queues the answer to the present request; what follows on the connection is read afterwards.
    func respond(_ response: Response, on connection: Connection, close: Bool = false) {
        guard let exchange = connection.exchange else { return }
        let head = exchange.head
        let ends = close || mustEnd(exchange, connection)
        let minorVersion = head?.minorVersion ?? 1
        exchange.output += response.encoded(
            for: head?.method ?? .get, minorVersion: minorVersion, close: ends, date: clock.date(),
            constant: fieldLines.value(minorVersion: minorVersion, close: ends))
        didAnswer(connection, exchange, ends: ends)
    }

    /// Queues the answer to a publisher, whose head is the same for all; `write` appends its JSON.
    func acknowledge(on connection: Connection, by write: (inout [UInt8]) -> Void) {
        acknowledgement.removeAll(keepingCapacity: true)
        write(&acknowledgement)
        guard let exchange = connection.exchange, exchange.head?.minorVersion == 1,
            !mustEnd(exchange, connection)
        else {
            return respond(.json(.ok, text: acknowledgement), on: connection)
        }
        exchange.output += acknowledgementHead.value(
            date: clock.date(), constant: fieldLines.keptAlive)
        Response.append(acknowledgement, ofLength: acknowledgement.count, to: &exchange.output)
        didAnswer(connection, exchange, ends: false)
    }

    /// Answers `HEAD` for a stream.
    func answerHead(_ head: RequestHead, on connection: Connection) {
        guard let exchange = connection.exchange else { return }
        let ends =
            !head.keepAlive || head.minorVersion == 0
            || connections.temporaryTrouble(of: connection) != nil
        var response = StreamDesk.headers
        if !ends { response.fields += fieldLines.promise }
        exchange.output += response.encodedStreamHead(
            minorVersion: head.minorVersion, close: ends, date: clock.date())
        didAnswer(connection, exchange, ends: ends)
    }

    /// Answers a stream that cannot be opened now: it begins, says why and when to come back, and
    /// ends.
    ///
    /// A browser's EventSource gives up for good on any status but 200; every other request gets
    /// 503 with Retry-After.
    func answerClosing(_ reason: ClosingReason, _ head: RequestHead, on connection: Connection) {
        guard let exchange = connection.exchange else { return }
        guard head.method != .head else { return answerHead(head, on: connection) }
        exchange.output += StreamDesk.headers.encodedStreamHead(
            minorVersion: head.minorVersion, close: true, date: clock.date())
        let closing = control.closing(reason, retry: reason.retry)
        if head.minorVersion > 0 {
            withExtendedLifetime(EventFrame(closing, content: .control)) { frame in
                unsafe exchange.output.append(contentsOf: frame.chunk)
            }
            exchange.output += StreamDesk.lastChunk
        } else {
            exchange.output += closing
        }
        didAnswer(connection, exchange, ends: true)
    }

    /// Whether the connection ends with the answer to the present request.
    private func mustEnd(_ exchange: Exchange, _ connection: Connection) -> Bool {
        exchange.closesAfterOutput || !(exchange.head?.keepAlive ?? false)
            || connections.temporaryTrouble(of: connection) != nil
    }

    /// Ends the present request, whose answer is queued.
    private func didAnswer(_ connection: Connection, _ exchange: Exchange, ends: Bool) {
        exchange.closesAfterOutput = exchange.closesAfterOutput || ends
        exchange.head = nil
        exchange.answering = nil
        exchange.endsWithPeer = false
        exchange.phase = .idle
        responding.append(connection)
        if exchange.output.count - exchange.outputStart > Self.outputHighWater { flush(connection) }
    }

    /// Writes what waits; when all is written, `next` goes on with what follows.
    func flush(_ connection: Connection) {
        guard let exchange = connection.exchange, !connection.isLingering else { return }
        while exchange.outputStart < exchange.output.count {
            let sent = unsafe exchange.output.withUnsafeBytes { bytes in
                unsafe connection.socket.send(
                    UnsafeRawBufferPointer(rebasing: bytes[exchange.outputStart...]))
            }
            switch sent {
            case .bytes(let count): exchange.outputStart += count
            case .broken: return close(connection)
            case .wouldBlock:
                exchange.isBlocked = true
                return clock.setDeadline(connection, in: settings.bodyTimeout)
            }
        }
        exchange.outputStart = 0
        if exchange.output.capacity > Connections.readSize {
            exchange.output = []
        } else {
            exchange.output.removeAll(keepingCapacity: true)
        }
        guard exchange.phase == .idle else { return }
        if exchange.closesAfterOutput { return connections.linger(connection) }
        clock.setDeadline(connection, in: settings.idleTimeout)
    }
}
