// One worker's connections as far as they carry requests: reading, parsing, time limits, and what
// is written back.
//
// `next` brings what a connection has, one thing at a time, and the worker obeys before it asks for
// the next. So no function here calls what answers a request, and none has to expect that its
// connection is gone after a call.

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
    /// How long a poll still waits whose client has ended its side, in milliseconds.
    private static let pollAfterEnd = 1_000

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
    @safe @exclusivity(unchecked) var responding: [Connection] = []

    init(
        connections: Connections, clock: WorkerClock, polls: PollDesk, control: ControlEvents,
        settings: Settings
    ) {
        self.connections = connections
        self.clock = clock
        self.polls = polls
        self.control = control
        self.settings = settings
        fieldLines = FieldLines(idleTimeout: settings.idleTimeout)
    }

    // MARK: Reading

    /// Takes note of what the system says of a connection; `next` has what follows from it.
    func handle(_ ready: Readiness, on connection: Connection) {
        guard let exchange = connection.exchange else { return }
        if ready.canWrite, exchange.isBlocked {
            exchange.isBlocked = false
            responding.append(connection)
        }
        if ready.hasEnded {
            if exchange.endsWithPeer { return close(connection) }
            connection.peerHasEnded = true
            shortenPoll(of: connection)
        }
        if ready.canRead || ready.hasEnded { exchange.hasUnreadInput = true }
    }

    /// Reads and parses until there is something for the worker.
    ///
    /// - Returns: `nil` when nothing more can be had now: the socket is empty, an answer is owed,
    ///   or all is over.
    func next(on connection: Connection) -> RequestEvent? {
        guard !connection.isLingering else { return nil }
        while let exchange = connection.exchange, exchange.mayParse {
            if exchange.hasUnparsedInput {
                if let event = parse(connection, exchange) { return event }
            } else if exchange.hasUnreadInput {
                receive(connection, exchange)
            } else {
                return nil
            }
        }
        return nil
    }

    private func receive(_ connection: Connection, _ exchange: Exchange) {
        let buffer = unsafe connections.readBuffer.bytes
        switch unsafe connection.socket.receive(into: buffer) {
        case .wouldBlock: exchange.hasUnreadInput = false
        case .ended: endInput(connection, exchange)
        case .bytes(let count):
            unsafe exchange.decoder.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            exchange.hasUnparsedInput = true
            // A short read has emptied the socket: the next bytes come with an edge of their own.
            exchange.hasUnreadInput = count == Connections.readSize || connection.peerHasEnded
        }
    }

    /// A peer that has sent its last byte still gets the answers that it is owed.
    private func endInput(_ connection: Connection, _ exchange: Exchange) {
        guard !exchange.output.isEmpty else { return close(connection) }
        exchange.closesAfterOutput = true
        if exchange.phase == .idle { responding.append(connection) }
    }

    private func parse(_ connection: Connection, _ exchange: Exchange) -> RequestEvent? {
        do throws(RequestError) {
            switch try exchange.decoder.next() {
            case .needMore:
                exchange.hasUnparsedInput = false
                awaitMore(connection, exchange)
            case .head(let head): begin(head, on: connection, exchange)
            case .body(let bytes): return take(bytes, exchange)
            case .end: return finish(connection, exchange)
            }
            return nil
        } catch {
            return breakOff(Problem(error), on: connection, exchange)
        }
    }

    /// Answers a request that cannot be read on, for the last time; of NDJSON, once its complete
    /// lines are published.
    private func breakOff(
        _ problem: Problem, on connection: Connection, _ exchange: Exchange
    ) -> RequestEvent? {
        let body = exchange.body
        exchange.body = .none
        guard case .lines(let ingest) = body else {
            respond(problem.response(), on: connection, close: true)
            return nil
        }
        ingest.breakOff(problem)
        return .lines(ingest)
    }

    private func begin(_ head: RequestHead, on connection: Connection, _ exchange: Exchange) {
        exchange.hasBegun = true
        exchange.head = head
        exchange.phase = .body
        do throws(Problem) {
            let route = try Route(head)
            try exchange.caller.check(route.endpoint)
            if let trouble = connections.temporaryTrouble(of: connection) {
                try trouble.check(route.endpoint)
            }
            exchange.decoder.bodyLimit = route.bodyLimit
            if case .length(let length) = head.body, let limit = route.bodyLimit, length > limit {
                throw Problem(
                    .contentTooLarge,
                    "The body has \(length) bytes; at most \(limit) are taken here.")
            }
            exchange.body =
                route.takesLines
                ? .lines(LineIngest(maximumData: settings.maximumEventBytes)) : .collect(route, [])
            if head.expectsContinue, head.body != .none {
                exchange.output += Response.continueBytes
                responding.append(connection)
            }
        } catch {
            refuse(error, on: connection, exchange, head)
        }
    }

    /// Answers a request whose body nobody wants: at once and for the last time if it may be long,
    /// else when it has been read, so that the connection can go on.
    private func refuse(
        _ problem: Problem, on connection: Connection, _ exchange: Exchange, _ head: RequestHead
    ) {
        let isShort =
            switch head.body {
            case .none: true
            case .length(let length): length <= Connections.readSize
            case .chunked: false
            }
        if isShort && !head.expectsContinue {
            exchange.decoder.bodyLimit = Connections.readSize
            exchange.body = .discard(problem.response())
        } else {
            respond(problem.response(), on: connection, close: true)
        }
    }

    private func take(_ bytes: [UInt8], _ exchange: Exchange) -> RequestEvent? {
        switch exchange.body {
        case .none, .discard: break
        case .collect(let route, var body):
            exchange.body = .none
            if body.isEmpty { body = bytes } else { body += bytes }
            exchange.body = .collect(route, body)
        case .lines(let ingest):
            ingest.take(bytes)
            return .lines(ingest)
        }
        return nil
    }

    private func finish(_ connection: Connection, _ exchange: Exchange) -> RequestEvent? {
        exchange.phase = .answering
        let body = exchange.body
        exchange.body = .none
        switch body {
        case .none: break
        case .discard(let response): respond(response, on: connection)
        case .collect(let route, let bytes):
            guard let head = exchange.head else { return nil }
            return .request(
                Request(
                    head: head, route: route, body: bytes,
                    trouble: connections.temporaryTrouble(of: connection)))
        case .lines(let ingest):
            ingest.finish()
            return .lines(ingest)
        }
        return nil
    }

    // MARK: Time limits and ends

    /// Sets the time limit for what the request still lacks.
    private func awaitMore(_ connection: Connection, _ exchange: Exchange) {
        switch exchange.phase {
        case .idle where exchange.decoder.isIdle:
            if exchange.hasBegun { clock.setDeadline(connection, in: settings.idleTimeout) }
        case .idle:
            exchange.phase = .head
            exchange.hasBegun = true
            if connection.admission == .regular {
                clock.setDeadline(connection, in: settings.headTimeout)
            }
        case .body where connection.admission == .regular:
            clock.setDeadline(connection, in: settings.bodyTimeout)
        // One that will be refused has the time that it was given when it was taken.
        case .head, .body, .answering: break
        }
    }

    /// Acts on a time limit that is over; what of the request is still to be done is returned.
    func timeOut(_ exchange: Exchange, of connection: Connection) -> RequestEvent? {
        switch exchange.phase {
        case _ where connection.isLingering || exchange.closesAfterOutput: close(connection)
        // An answer that is written in this very turn, such as that of a poll whose time is over
        // just now.
        case .idle where !exchange.output.isEmpty && !exchange.isBlocked:
            clock.setDeadline(connection, in: settings.bodyTimeout)
        case .idle: close(connection)
        case .answering:
            // The answer may be long on its way; a peer that takes nothing of it is given up.
            if exchange.isBlocked { close(connection) } else { polls.expire(connection.token) }
        case .head, .body:
            let what = exchange.phase == .head ? "head" : "body"
            let problem = Problem(
                .requestTimeout,
                "The request's \(what) took too long to arrive; send it without pausing.")
            return breakOff(problem, on: connection, exchange)
        }
        return nil
    }

    /// Answers a connection's poll soon, if it has one: a client that sends nothing more may still
    /// read, or have gone.
    func shortenPoll(of connection: Connection) {
        guard polls.contains(connection.token) else { return }
        let soon = clock.now.advanced(milliseconds: Self.pollAfterEnd)
        if soon < connection.deadline { clock.setDeadline(connection, in: Self.pollAfterEnd) }
    }

    /// Ends a connection between two requests, unless the next one is being read or answered.
    func endIdle(_ connection: Connection) {
        guard let exchange = connection.exchange, exchange.phase == .idle, !connection.isLingering
        else { return }
        guard exchange.hasBegun || !connections.shortenFirstRequest(of: connection) else { return }
        // An answer that is on its way is the connection's last.
        exchange.closesAfterOutput = true
        if exchange.output.isEmpty { close(connection) }
    }

    func close(_ connection: Connection) {
        polls.expire(connection.token)
        connections.close(connection)
    }
}

extension ClosingReason {
    /// Refuses a request that begins in a temporary trouble, unless the endpoint says it in its own
    /// way.
    ///
    /// - Throws: 503.
    func check(_ endpoint: Route.Endpoint) throws(Problem) {
        switch endpoint {
        // The process lives, and a supervisor that restarts it would make things worse.
        case .health(.live), .options: return
        case .stream, .postedStream, .jobStream: return
        default: throw problem
        }
    }

    private var problem: Problem {
        switch self {
        case .overloaded:
            Problem(
                .serviceUnavailable,
                "The hub has no room for another connection; try again later.", retryAfter: 5)
        case .shutdown, .slow, .unavailable:
            Problem(
                .serviceUnavailable, "The hub is stopping; come back in a moment.", retryAfter: 2)
        }
    }
}
