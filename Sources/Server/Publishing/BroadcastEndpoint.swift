internal import HTTP
internal import Hub
internal import JSON

/// What a publisher is owed once its events are in the log.
enum PublishReply {
    case event
    case array
    case lines(LineIngest, count: Int)
}

extension Worker {
    /// `POST /broadcast`, one event or an array: all or nothing.
    func broadcast(_ request: Request, on connection: Connection) throws(Problem) {
        let broadcast = try Broadcast(
            request.body, idempotencyKey: request.head.field("idempotency-key"))
        publish(
            broadcast.publications, reply: broadcast.isArray ? .array : .event, on: connection)
    }

    /// Publishes the lines read so far; the body is read on when they are in the log.
    func publish(_ lines: [Publication], of ingest: LineIngest, on connection: Connection) {
        connection.exchange?.phase = .answering
        if lines.isEmpty {
            _ = advance(ingest, on: connection)
        } else {
            publish(lines, reply: .lines(ingest, count: lines.count), on: connection)
        }
    }

    private func publish(
        _ publications: [Publication], reply: PublishReply, on connection: Connection
    ) {
        connection.exchange?.reply = reply
        broker.publish(publications, answer: mailbox, ticket: connection.token)
    }

    /// Hands the broker's answer to the connection that waits for it, if it still does.
    func settle(_ answer: PublishAnswer, ticket: UInt64) {
        guard let connection = connection(ticket), let exchange = connection.exchange,
            let reply = exchange.reply
        else { return }
        exchange.reply = nil
        if case .refused(let reason) = answer {
            return refuse(reason, reply, on: connection)
        }
        switch (answer, reply) {
        case (.published(let ids), .event):
            respond(
                .json { json in
                    json.key("id")
                    Self.write(ids.first ?? nil, to: &json)
                }, on: connection)
        case (.published(let ids), .array):
            respond(
                .json { json in
                    json.key("ids")
                    json.beginArray()
                    for id in ids { Self.write(id, to: &json) }
                    json.endArray()
                }, on: connection)
        case (.published, .lines(let ingest, let count)):
            ingest.published += count
            if advance(ingest, on: connection) { resumeReading(connection, exchange) }
        case (.refused, _): break
        }
    }

    /// Says that nothing was stored, and of NDJSON how much was before.
    private func refuse(
        _ reason: LogUnavailable, _ reply: PublishReply, on connection: Connection
    ) {
        var problem = Problem(
            .serviceUnavailable, reason.description, retryAfter: reason.retryAfter)
        var isRead = true
        if case .lines(let ingest, _) = reply {
            problem.published = ingest.published
            isRead = ingest.isFinished
        }
        respond(problem.response(), on: connection, close: !isRead)
    }

    /// Answers when the body is at its end or broken; else whether it is to be read on.
    private func advance(_ ingest: LineIngest, on connection: Connection) -> Bool {
        guard let exchange = connection.exchange else { return false }
        if var problem = ingest.failure {
            problem.published = ingest.published
            respond(problem.response(), on: connection, close: !ingest.isFinished)
            return false
        } else if ingest.isFinished {
            respond(
                .json { json in
                    json.key("published")
                    json.integer(ingest.published)
                }, on: connection)
            return false
        }
        exchange.phase = .body
        setDeadline(connection, in: settings.bodyTimeout)
        return true
    }

    private static func write(_ id: EventID?, to json: inout JSONWriter) {
        if let id { json.string(id.description) } else { json.null() }
    }
}
