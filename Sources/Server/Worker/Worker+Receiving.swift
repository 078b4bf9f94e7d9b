internal import HTTP
internal import Hub
internal import Reactor

extension Worker {
    /// Reads until the socket is empty or an answer is owed, and acts on every complete request.
    func receive(_ connection: Connection) {
        guard !connection.isLingering else { return drain(connection) }
        while let exchange = connection.exchange {
            guard exchange.mayParse else {
                exchange.hasUnreadInput = true
                return
            }
            switch unsafe connection.socket.receive(into: readBuffer.bytes) {
            case .wouldBlock: return
            case .ended: return endInput(connection, exchange)
            case .bytes(let count):
                unsafe exchange.decoder.append(
                    UnsafeRawBufferPointer(rebasing: readBuffer.bytes[..<count]))
                proceed(connection)
                // A short read has emptied the socket: the next bytes come with an edge of their own.
                if count < Self.readSize, !connection.peerHasEnded { return }
            }
        }
    }

    /// A peer that has sent its last byte still gets the answers that it is owed.
    private func endInput(_ connection: Connection, _ exchange: Exchange) {
        guard exchange.phase == .answering || !exchange.output.isEmpty else {
            return close(connection)
        }
        exchange.closesAfterOutput = true
        if exchange.phase == .idle { responding.append(connection) }
    }

    /// Parses what was read as far as the connection's state allows.
    func proceed(_ connection: Connection) {
        guard let exchange = connection.exchange else { return }
        do throws(RequestError) {
            while exchange.mayParse, connection.exchange != nil {
                switch try exchange.decoder.next() {
                case .needMore: return awaitMore(connection, exchange)
                case .head(let head): begin(head, on: connection, exchange)
                case .body(let bytes): take(bytes, on: connection, exchange)
                case .end: finish(connection, exchange)
                }
            }
        } catch {
            breakOff(Problem(error), on: connection, exchange)
        }
    }

    /// Answers a request that cannot be read on, for the last time; of NDJSON, once its complete lines are published.
    private func breakOff(_ problem: Problem, on connection: Connection, _ exchange: Exchange) {
        let body = exchange.body
        exchange.body = .none
        guard case .lines(let ingest) = body else {
            return respond(problem.response(), on: connection, close: true)
        }
        ingest.breakOff(problem)
        publish(ingest, on: connection)
    }

    /// Sets the time limit for what the request still lacks.
    private func awaitMore(_ connection: Connection, _ exchange: Exchange) {
        switch exchange.phase {
        case .idle where exchange.decoder.isIdle:
            if exchange.hasBegun { setDeadline(connection, in: settings.idleTimeout) }
        case .idle:
            exchange.phase = .head
            exchange.hasBegun = true
            if connection.admission == .regular {
                setDeadline(connection, in: settings.headTimeout)
            }
        case .body where connection.admission == .regular:
            setDeadline(connection, in: settings.bodyTimeout)
        // One that will be refused has the time that it was given when it was taken.
        case .head, .body, .answering: break
        }
    }

    private func begin(_ head: RequestHead, on connection: Connection, _ exchange: Exchange) {
        exchange.hasBegun = true
        exchange.head = head
        exchange.phase = .body
        do throws(Problem) {
            let route = try Route(head)
            try checkTakesRequests(of: route, on: connection)
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
            case .length(let length): length <= Self.readSize
            case .chunked: false
            }
        if isShort && !head.expectsContinue {
            exchange.decoder.bodyLimit = Self.readSize
            exchange.body = .discard(problem.response())
        } else {
            respond(problem.response(), on: connection, close: true)
        }
    }

    private func take(_ bytes: [UInt8], on connection: Connection, _ exchange: Exchange) {
        switch exchange.body {
        case .none, .discard: break
        case .collect(let route, var body):
            exchange.body = .none
            if body.isEmpty { body = bytes } else { body += bytes }
            exchange.body = .collect(route, body)
        case .lines(let ingest):
            ingest.take(bytes)
            publish(ingest, on: connection)
        }
    }

    private func finish(_ connection: Connection, _ exchange: Exchange) {
        exchange.phase = .answering
        let body = exchange.body
        exchange.body = .none
        switch body {
        case .none: break
        case .discard(let response): respond(response, on: connection)
        case .collect(let route, let bytes):
            guard let head = exchange.head else { return }
            answer(Request(head: head, route: route, body: bytes), on: connection)
        case .lines(let ingest):
            ingest.finish()
            publish(ingest, on: connection)
        }
    }

    func timeOut(_ exchange: Exchange, of connection: Connection) {
        switch exchange.phase {
        case _ where connection.isLingering || exchange.closesAfterOutput: close(connection)
        // An answer that is written in this very turn, such as that of a poll whose time is over just now.
        case .idle where !exchange.output.isEmpty && !exchange.isBlocked:
            setDeadline(connection, in: settings.bodyTimeout)
        case .idle: close(connection)
        case .answering:
            // The answer may be long on its way; a peer that takes nothing of it is given up.
            if exchange.isBlocked { close(connection) }
            expirePoll(connection.token)
        case .head, .body:
            let what = exchange.phase == .head ? "head" : "body"
            let problem = Problem(
                .requestTimeout,
                "The request's \(what) took too long to arrive; send it without pausing.")
            breakOff(problem, on: connection, exchange)
            flushOutput(connection)
        }
    }
}
