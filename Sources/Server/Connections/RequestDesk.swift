// One worker's connections as far as they carry requests.
//
// What a connection does is decided by `HTTP1`, which has no socket; here its actions meet one.
// `next` obeys them one by one, until one is for the worker: a request, or lines of a body. So no
// function here calls what answers a request, and none has to expect that its connection is gone
// after a call.

internal import HTTP
internal import Hub
internal import Reactor

/// Something that a connection has for the worker.
enum RequestEvent {
    /// A request that has come whole.
    case request(Request)
    /// Lines of a body have gathered, or nothing more comes: what is ready is to be published.
    case lines(LineIngest)
}

/// The requests of one worker; not isolated.
final class RequestDesk {
    let connections: Connections
    let clock: WorkerClock
    let settings: Settings
    private let polls: PollDesk
    let control: ControlEvents
    let fieldLines: FieldLines
    @safe @exclusivity(unchecked) var acknowledgementHead = AcknowledgementHead()
    /// The content of the present acknowledgement; kept so that its memory is used again.
    @safe @exclusivity(unchecked) var acknowledgement: [UInt8] = []
    /// Connections whose responses are to be written at the end of the turn.
    @safe @exclusivity(unchecked) private var responding: [Connection] = []

    init(
        connections: Connections, clock: WorkerClock, polls: PollDesk, control: ControlEvents,
        settings: Settings
    ) {
        self.connections = connections
        self.clock = clock
        self.polls = polls
        self.control = control
        self.settings = settings
        fieldLines = FieldLines(common: CORS.lines, idleTimeout: settings.idleTimeout)
    }

    /// Takes note of what the system says of a connection; `next` has what follows from it.
    func handle(_ ready: Readiness, on connection: Connection) {
        guard let state = connection.requests else { return }
        if ready.canWrite { state.http.becameWritable() }
        if ready.canRead { state.http.becameReadable() }
        if ready.hasEnded {
            connection.peerHasEnded = true
            state.http.peerEnded(at: clock.now.milliseconds)
        }
    }

    /// Does what is to be done for a connection, until there is something for the worker.
    ///
    /// - Returns: `nil` when nothing more can be done now: the socket is empty, an answer is owed,
    ///   or all is over.
    func next(on connection: Connection) -> RequestEvent? {
        guard case .requests(let state) = connection.life else { return nil }
        while true {
            switch state.http.next(at: clock.now.milliseconds) {
            case .wait:
                if state.http.canSend { sendLater(on: connection, state) }
                clock.setDeadline(connection, at: Instant(milliseconds: state.http.deadline))
                return nil
            case .receive: receive(connection, state)
            case .send:
                guard send(on: connection, state) else { return nil }
            case .head(let head): begin(head, on: connection, state)
            case .request(let head, let body):
                if let request = request(head, body, on: connection, state) {
                    return .request(request)
                }
            case .content(let bytes):
                if let ingest = state.ingest {
                    ingest.take(bytes)
                    return .lines(ingest)
                }
            case .endOfContent:
                if let ingest = state.ingest {
                    ingest.finish()
                    return .lines(ingest)
                }
            case .brokenContent(let error):
                if let ingest = state.ingest {
                    ingest.breakOff(Problem(error))
                    return .lines(ingest)
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
    }

    private func receive(_ connection: Connection, _ state: RequestState) {
        let buffer = unsafe connections.readBuffer.bytes
        switch unsafe connection.transport.receive(into: buffer) {
        case .wouldBlock: state.http.didReceiveNothing()
        case .ended: state.http.inputEnded()
        case .bytes(let count, let mayHaveMore):
            unsafe state.http.didReceive(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]), mayHaveMore: mayHaveMore)
        }
    }

    /// Decides what is done with the body of a request that begins.
    private func begin(_ head: RequestHead, on connection: Connection, _ state: RequestState) {
        do throws(Problem) {
            let route = try Route(head)
            try state.caller.check(route.endpoint)
            if let unavailability = connections.unavailability(of: connection) {
                try unavailability.check(route.endpoint)
            }
            state.route = route
            let policy = route.bodyPolicy
            if policy == .pieces {
                state.ingest = LineIngest(maximumData: settings.maximumEventBytes)
            }
            state.http.accept(policy)
        } catch {
            state.http.refuse(error)
        }
    }

    private func request(
        _ head: RequestHead, _ body: [UInt8], on connection: Connection, _ state: RequestState
    ) -> Request? {
        guard let route = state.route else { return nil }
        state.route = nil
        return Request(
            head: head, route: route, body: body,
            unavailability: connections.unavailability(of: connection))
    }

    /// Says how long the answer to the present request is waited for.
    func awaitAnswer(_ patience: HTTP1.Patience, on connection: Connection) {
        guard let state = connection.requests else { return }
        state.http.awaitAnswer(patience, at: clock.now.milliseconds)
    }

    func close(_ connection: Connection) {
        polls.expire(connection.token)
        connections.close(connection)
    }

    // MARK: Writing

    /// Whether responses wait to be written.
    var hasMoreToDo: Bool { !responding.isEmpty }

    /// Moves the connections whose responses are to be written now into `list`, which is empty and
    /// whose memory is used on here.
    func takeResponding(into list: inout [Connection]) {
        precondition(list.isEmpty, "connections that are to be written would be lost")
        swap(&responding, &list)
    }

    /// Has what waits written when the turn ends, together with what comes until then.
    func sendLater(on connection: Connection, _ state: RequestState) {
        if state.isResponding { return }
        state.isResponding = true
        responding.append(connection)
    }

    /// Writes what waits as far as the transport takes it; `next` goes on with what follows.
    func send(on connection: Connection) {
        guard let state = connection.requests else { return }
        state.isResponding = false
        _ = send(on: connection, state)
    }

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
