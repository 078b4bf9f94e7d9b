// One worker's connections as far as they carry requests.
//
// `HTTP1` decides what a connection does next, but has no socket. `RequestDesk.next` carries out
// its actions on the socket one by one, until one is for the worker: a request, or lines of a body.
// So nothing here calls the code that answers requests, which might close the connection in the
// middle of a function.

internal import HTTP
internal import Hub
internal import Reactor
internal import Telemetry

/// Something from a connection that the worker has to handle.
enum RequestEvent {
    /// A request that has come whole.
    case request(Request)
    /// The keys of these sources are to be fetched before it is known who sends a request.
    case keysNeeded(sources: [String])
    /// A part or the end of a body of lines has come: the gathered events are to be published.
    case lines(LineIngest)
    /// A part or the end of a file has come.
    case upload(UploadIngest)
    /// Events are to be published that were read in an earlier turn.
    case unpublished([Publication])
}

/// The requests of one worker; not isolated.
final class RequestDesk {
    let connections: Connections
    let clock: WorkerClock
    let settings: Settings
    private let polls: PollDesk
    let control: ControlEvents
    let fieldLines: FieldLines
    let origins: OriginGate
    private let gate: Gate
    /// Whether nothing is asked of callers.
    private let isOpen: Bool
    private let limits: LimitDesk
    let logger: Log
    @safe @exclusivity(unchecked) var acknowledgementHead = AcknowledgementHead()
    /// The content of the present acknowledgement; kept so that its memory is used again.
    @safe @exclusivity(unchecked) var acknowledgement: [UInt8] = []
    /// Connections that go on later, each in one of these queues and once.
    @safe @exclusivity(unchecked) var foreground = Queue<Connection>()
    @safe @exclusivity(unchecked) var background = Queue<Connection>()
    /// Connections whose responses are to be written at the end of the turn.
    @safe @exclusivity(unchecked) private var responding: [Connection] = []

    init(
        connections: Connections, clock: WorkerClock, polls: PollDesk, control: ControlEvents,
        origins: OriginGate, gate: Gate, limits: LimitDesk, settings: Settings, logger: Log
    ) {
        self.connections = connections
        self.clock = clock
        self.polls = polls
        self.control = control
        self.settings = settings
        self.origins = origins
        self.gate = gate
        isOpen = gate.isOpen
        self.limits = limits
        self.logger = logger
        fieldLines = FieldLines(
            common: Array("\(CORS.vary.0): \(CORS.vary.1)\r\n".utf8),
            idleTimeout: settings.idleTimeout)
    }

    /// Takes note of a connection's readiness; `next` acts on it.
    func handle(_ ready: Readiness, on connection: Connection) {
        guard let state = connection.requests else { return }
        if ready.canWrite { state.http.becameWritable() }
        if ready.canRead { state.http.becameReadable() }
        if ready.hasEnded {
            connection.peerHasEnded = true
            state.http.peerEnded(at: clock.now.milliseconds)
        }
    }

    /// Begins with a connection whose first request may have come with the end of its handshake.
    func begin(_ connection: Connection) {
        guard let state = connection.requests else { return }
        state.http.becameReadable()
        if connections.isStopping, connection.admission == .regular {
            state.http.stop(at: clock.now.milliseconds)
        }
    }

    /// Carries out the actions of a connection until one is for the worker.
    ///
    /// - Returns: what the worker has to handle; `nil` when nothing more can be done now: the
    ///   socket is empty, an answer is owed, others have their turn, or the connection has ended.
    func next(on connection: Connection) -> RequestEvent? {
        guard case .requests(let state) = connection.life, !state.isPostponed else { return nil }
        if !state.unpublished.isEmpty {
            let publications = state.unpublished
            state.unpublished = []
            return .unpublished(publications)
        }
        while state.actionsLeft > 0 {
            state.actionsLeft -= 1
            switch state.http.next(at: clock.now.milliseconds) {
            case .wait:
                state.beginTurn(at: clock.now)
                if state.http.isAmidRequest { state.priority.waitedForMore(at: clock.now) }
                if state.http.canSend { sendLater(on: connection, state) }
                clock.setDeadline(connection, at: Instant(milliseconds: state.http.deadline))
                return nil
            case .receive:
                if state.hasReceivedEnough {
                    state.priority.usedUpTurn(at: clock.now)
                    postpone(connection)
                    return nil
                }
                receive(connection, state)
            case .send:
                guard send(on: connection, state) else { return nil }
            case .head(let head):
                if let sources = begin(head, on: connection, state) {
                    return .keysNeeded(sources: sources)
                }
            case .request(let head, let body):
                if let request = request(head, body, on: connection, state) {
                    return .request(request)
                }
            case .content(let bytes):
                if let ingest = state.ingest {
                    do throws(Problem) {
                        try limits.takeBytes(bytes.count, connection, state.caller)
                        ingest.take(bytes)
                    } catch {
                        ingest.breakOff(error)
                    }
                    return .lines(ingest)
                }
                if let upload = state.upload {
                    upload.take(bytes)
                    return .upload(upload)
                }
            case .endOfContent:
                if let ingest = state.ingest {
                    ingest.finish()
                    return .lines(ingest)
                }
                if let upload = state.upload {
                    upload.end()
                    return .upload(upload)
                }
            case .brokenContent(let error):
                if let ingest = state.ingest {
                    ingest.breakOff(Problem(error))
                    return .lines(ingest)
                }
                if let upload = state.upload {
                    upload.breakOff(Problem(error))
                    return .upload(upload)
                }
            case .refuse(let response): respond(response, on: connection)
            case .expire: polls.expire(connection.token)
            case .close:
                close(connection)
                return nil
            case .linger(let hasReadAll):
                connections.linger(connection, hasReadAll: hasReadAll)
                return nil
            }
        }
        state.priority.usedUpTurn(at: clock.now)
        postpone(connection)
        return nil
    }

    private func receive(_ connection: Connection, _ state: RequestState) {
        if state.mayBeginWithProxyHeader, !takeProxyHeader(connection, state) { return }
        var buffer = unsafe connections.readBuffer.bytes
        if state.priority.isBackground(at: clock.now) {
            unsafe buffer = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Self.backgroundBytes])
        }
        switch unsafe connection.transport.receive(into: buffer) {
        case .wouldBlock: state.http.didReceiveNothing()
        case .ended: state.http.inputEnded()
        case .bytes(let count, let mayHaveMore):
            unsafe state.http.didReceive(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]), mayHaveMore: mayHaveMore)
            state.hasReceivedEnough = mayHaveMore
        }
    }

    /// Decides what is done with the body of a request that begins.
    ///
    /// - Returns: the sources of keys that must be asked first; `nil` when it was decided.
    private func begin(
        _ head: RequestHead, on connection: Connection, _ state: RequestState, isAgain: Bool = false
    ) -> [String]? {
        do throws(Problem) {
            if !isAgain { try origins.check(head, on: connection, state) }
            let route = try Route(head)
            if !isOpen {
                switch try gate.admit(
                    head, to: route.endpoint, origin: state.origin, mayFetch: !isAgain,
                    known: &state.known)
                {
                case .caller(let caller):
                    state.caller = caller
                    state.admitted = clock.round
                case .needsKeys(let sources):
                    state.undecided = head
                    state.http.postponeDecision()
                    return sources
                }
            }
            if let unavailability = connections.unavailability(of: connection) {
                try unavailability.check(route.endpoint)
            }
            if limits.hasRates, route.endpoint.changesSomething {
                try limits.takeWrite(connection, state.caller)
            }
            state.route = route
            let policy = route.bodyPolicy
            if route.endpoint == .upload {
                state.upload = try UploadIngest(head, into: settings.uploads)
            } else if policy == .pieces {
                state.ingest = LineIngest(
                    maximumData: settings.maximumEventBytes, caller: state.caller)
            }
            state.http.accept(policy)
        } catch {
            state.http.refuse(gate.counting(error))
        }
        return nil
    }

    /// Goes on with a request that waited for keys; call `next` afterwards.
    func decideAgain(on connection: Connection) {
        guard let state = connection.requests, let head = state.undecided else { return }
        state.undecided = nil
        state.http.resumeDecision(at: clock.now.milliseconds)
        _ = begin(head, on: connection, state, isAgain: true)
    }

    private func request(
        _ head: RequestHead, _ body: [UInt8], on connection: Connection, _ state: RequestState
    ) -> Request? {
        guard let route = state.route else { return nil }
        state.route = nil
        do throws(Problem) {
            // A body may come long after its head.
            if !isOpen, clock.round != state.admitted { try state.caller.checkCredentials() }
            if limits.hasRates, route.endpoint == .broadcast {
                try limits.takeBytes(body.count, connection, state.caller)
            }
        } catch {
            respond(error.response(), on: connection)
            return nil
        }
        return Request(
            head: head, route: route, body: body, caller: state.caller, origin: state.origin,
            unavailability: connections.unavailability(of: connection))
    }

    /// Sets how long the connection waits for the answer to its present request.
    func awaitAnswer(_ patience: HTTP1.Patience, on connection: Connection) {
        guard let state = connection.requests else { return }
        state.http.awaitAnswer(patience, at: clock.now.milliseconds)
    }

    func close(_ connection: Connection) {
        polls.expire(connection.token)
        connections.close(connection)
    }

    // MARK: Writing

    /// Whether responses wait to be written, or connections for their turn.
    var hasMoreToDo: Bool { !responding.isEmpty || !foreground.isEmpty || !background.isEmpty }

    /// Moves the connections whose responses are to be written now into `list`.
    ///
    /// `list` must be empty; its memory is used for the next connections.
    func takeResponding(into list: inout [Connection]) {
        precondition(list.isEmpty, "connections that are to be written would be lost")
        swap(&responding, &list)
    }

    /// Has a connection's output written at the end of the turn, with all that is added until then.
    func sendLater(on connection: Connection, _ state: RequestState) {
        if state.isResponding { return }
        state.isResponding = true
        responding.append(connection)
    }

    /// Writes a connection's output as far as the transport takes it; call `next` afterwards.
    func send(on connection: Connection) {
        guard let state = connection.requests else { return }
        state.isResponding = false
        _ = send(on: connection, state)
    }

    /// Writes a connection's output as far as the transport takes it.
    ///
    /// - Returns: `false` when the connection is broken, and closed.
    private func send(on connection: Connection, _ state: RequestState) -> Bool {
        while state.http.canSend {
            let sent = unsafe state.http.unsent.withUnsafeBytes { bytes in
                unsafe connection.transport.send(bytes)
            }
            switch sent {
            case .bytes(let count): state.http.didSend(count, at: clock.now.milliseconds)
            case .wouldBlock: state.http.didBlock(at: clock.now.milliseconds)
            case .broken:
                close(connection)
                return false
            }
        }
        return true
    }
}
