internal import HTTP
internal import Hub
internal import JSON
internal import Reactor
internal import Telemetry

extension Worker {
    /// Output that is written before the turn ends, however many requests are still to be read.
    private static let outputHighWater = 256 << 10
    /// How long a closed connection waits for its peer to read the last answer, in milliseconds.
    private static let lingerTimeout = 2_000

    /// Queues the answer to the present request; what follows on the connection is read afterwards.
    func respond(_ response: Response, on connection: Connection, close: Bool = false) {
        guard let exchange = connection.exchange else { return }
        let head = exchange.head
        let ends = close || mustEnd(exchange, connection)
        let minorVersion = head?.minorVersion ?? 1
        exchange.output += response.encoded(
            for: head?.method ?? .get, minorVersion: minorVersion, close: ends,
            date: dateField.value(),
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
            date: dateField.value(), constant: fieldLines.keptAlive)
        Response.append(acknowledgement, ofLength: acknowledgement.count, to: &exchange.output)
        didAnswer(connection, exchange, ends: false)
    }

    /// Whether the connection ends with the answer to the present request.
    private func mustEnd(_ exchange: Exchange, _ connection: Connection) -> Bool {
        exchange.closesAfterOutput || !(exchange.head?.keepAlive ?? false)
            || temporaryTrouble(of: connection) != nil
    }

    /// Ends the present request, whose answer is queued.
    func didAnswer(_ connection: Connection, _ exchange: Exchange, ends: Bool) {
        exchange.closesAfterOutput = exchange.closesAfterOutput || ends
        exchange.head = nil
        exchange.answering = nil
        exchange.endsWithPeer = false
        exchange.phase = .idle
        responding.append(connection)
        if exchange.output.count - exchange.outputStart > Self.outputHighWater {
            flushOutput(connection)
        }
    }

    /// Answers later, from a task of this worker; meanwhile the connection waits.
    func respond(
        on connection: Connection, by compute: @escaping (isolated Worker) async throws -> Response
    ) {
        let token = connection.token
        connection.exchange?.answering = Task {
            let response: Response
            do {
                response = try await compute(self)
            } catch let problem as Problem {
                response = problem.response()
            } catch {
                log.error("An answer failed", ["error": error])
                response = Problem(.internalServerError, "The hub failed to answer; see its log.")
                    .response()
            }
            guard let connection = self.connection(token) else { return }
            respond(response, on: connection)
        }
    }

    /// Writes what waits and, when all is written, goes on with what follows.
    func flushOutput(_ connection: Connection) {
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
                return setDeadline(connection, in: settings.bodyTimeout)
            }
        }
        exchange.outputStart = 0
        if exchange.output.capacity > Self.readSize {
            exchange.output = []
        } else {
            exchange.output.removeAll(keepingCapacity: true)
        }
        guard exchange.phase == .idle else { return }
        if exchange.closesAfterOutput { return linger(connection) }
        setDeadline(connection, in: settings.idleTimeout)
        resumeReading(connection, exchange)
    }

    /// Takes up what came while an answer was owed: first what was read, then what the socket holds.
    func resumeReading(_ connection: Connection, _ exchange: Exchange) {
        proceed(connection)
        guard exchange.hasUnreadInput, exchange.mayParse else { return }
        exchange.hasUnreadInput = false
        receive(connection)
    }

    /// Ends the sending side and waits until the peer has the answer: closing a socket that holds
    /// unread bytes would reset the connection and destroy the answer on its way (RFC 9112, 9.6).
    private func linger(_ connection: Connection) {
        connection.isLingering = true
        connection.socket.endSending()
        setDeadline(connection, in: Self.lingerTimeout)
        drain(connection)
    }

    /// Throws away what a peer still sends on a connection that has been answered for the last time.
    ///
    /// It is over once the peer's system has acknowledged everything, whatever the peer does: some proxies keep a
    /// connection whose response is complete for seconds. The acknowledgement of the end comes as readiness of its
    /// own. Only where a request is still being sent is the peer given time to find out.
    func drain(_ connection: Connection) {
        for _ in 0..<16 {
            switch unsafe connection.socket.receive(into: readBuffer.bytes) {
            case .wouldBlock:
                guard let exchange = connection.exchange, exchange.hasReadAll else { return }
                // A descriptor of the reserve is wanted by the next; the system goes on sending without it.
                if connection.admission == .onReserve || connection.socket.isAcknowledged {
                    close(connection)
                }
                return
            case .ended: return close(connection)
            case .bytes: continue
            }
        }
        close(connection)
    }
}
