internal import HTTP
internal import Hub
internal import JSON
internal import Producers

/// What a publisher is owed once its events are in the log.
enum PublishReply {
    case event
    case array
    case lines(LineIngest)
}

extension Worker {
    /// `POST /broadcast`, one event or an array: all or nothing.
    func broadcast(_ request: Request, on connection: Connection) throws(Problem) {
        let broadcast = try Broadcast(
            request.body, idempotencyKey: request.head.field("idempotency-key"),
            maximumData: settings.maximumEventBytes)
        connection.exchange?.reply = broadcast.isArray ? .array : .event
        broker.publish(
            broadcast.publications, answer: mailbox, ticket: connection.token)
    }

    /// Publishes what has gathered, unless a batch is on its way; answers when all is done.
    ///
    /// The body is read on as long as there is room for what it brings.
    func publish(_ ingest: LineIngest, on connection: Connection) {
        guard let exchange = connection.exchange else { return }
        if let batch = ingest.nextBatch() {
            exchange.reply = .lines(ingest)
            broker.publish(
                batch, answer: mailbox, ticket: connection.token, isPaced: true)
        }
        if ingest.isOver { return answer(ingest, on: connection) }
        let mayRead = !ingest.isFull && !ingest.isFinished && ingest.failure == nil
        exchange.phase = mayRead ? .body : .answering
    }

    /// Hands the broker's answer to the connection that waits for it, if it still does.
    func settle(_ answer: PublishAnswer, ticket: UInt64) {
        guard let connection = connection(ticket), let exchange = connection.exchange,
            let reply = exchange.reply
        else { return }
        exchange.reply = nil
        switch (reply, answer) {
        case (.lines(let ingest), .published):
            ingest.didPublish()
            goOn(ingest, on: connection, exchange)
        case (.lines(let ingest), .refused(let reason)):
            ingest.didRefuse(Problem(reason))
            goOn(ingest, on: connection, exchange)
        case (_, .refused(let reason)):
            respond(Problem(reason).response(), on: connection)
        case (.event, .published(let ids)):
            acknowledge(on: connection) { json in
                json.append(literal: "{\"id\":")
                Self.append(ids.first ?? nil, to: &json)
                json.append(literal: "}")
            }
        case (.array, .published(let ids)):
            acknowledge(on: connection) { json in
                json.append(literal: "{\"ids\":[")
                for (index, id) in ids.enumerated() {
                    if index > 0 { json.append(literal: ",") }
                    Self.append(id, to: &json)
                }
                json.append(literal: "]}")
            }
        }
    }

    private func goOn(
        _ ingest: LineIngest, on connection: Connection, _ exchange: Exchange
    ) {
        publish(ingest, on: connection)
        guard exchange.phase == .body else { return }
        setDeadline(connection, in: settings.bodyTimeout)
        resumeReading(connection, exchange)
    }

    private func answer(_ ingest: LineIngest, on connection: Connection) {
        if var problem = ingest.failure {
            problem.published = ingest.published
            respond(problem.response(), on: connection, close: !ingest.isFinished)
        } else {
            acknowledge(on: connection) { json in
                json.append(literal: "{\"published\":")
                json.append(decimal: UInt64(ingest.published))
                json.append(literal: "}")
            }
        }
    }

    /// Appends an id, none of whose characters needs an escape in JSON.
    private static func append(_ id: EventID?, to json: inout [UInt8]) {
        guard let id else { return json.append(literal: "null") }
        json.append(literal: "\"")
        id.append(to: &json)
        json.append(literal: "\"")
    }
}
