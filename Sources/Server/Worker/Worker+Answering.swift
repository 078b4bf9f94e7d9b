internal import HTTP
internal import Hub
internal import JSON
internal import Producers
internal import Reactor

extension Worker {
    /// Handles what a connection has for the worker, one thing after the other.
    func serve(_ connection: Connection) {
        while let event = requests.next(on: connection) { handle(event, on: connection) }
    }

    /// Goes on with a connection, now or when those have had their turn that go before it.
    func goOn(_ connection: Connection) {
        if requests.isBackground(connection) {
            requests.postpone(connection)
        } else {
            serve(connection)
        }
    }

    func handle(_ event: consuming RequestEvent, on connection: Connection) {
        switch consume event {
        case .lines(let ingest): publish(ingest, on: connection)
        case .upload(let upload): take(upload, on: connection)
        case .unpublished(let publications):
            publishing.publish(publications, of: connection.token)
        case .keysNeeded(let sources): fetchKeys(sources, for: connection)
        case .request(let request):
            do throws(Problem) {
                obey(try endpoints.answer(request), request.head, on: connection)
            } catch {
                requests.respond(error.response(), on: connection)
            }
        }
    }

    /// Has keys fetched, and goes on with the request that needs them.
    private func fetchKeys(_ sources: [String], for connection: Connection) {
        let (token, gate) = (connection.token, endpoints.hub.gate)
        connection.requests?.answering = Task {
            await gate.fetchKeys(sources)
            preconditionIsolated("a fetch of keys has left the worker's thread")
            guard let connection = connections[token] else { return }
            requests.decideAgain(on: connection)
            serve(connection)
        }
    }

    private func obey(_ answer: Answer, _ head: RequestHead, on connection: Connection) {
        switch answer {
        case .response(let response): requests.respond(response, on: connection)
        case .later(let endsWithPeer, let work):
            requests.awaitAnswer(endsWithPeer ? .whilePeerStays : .unlimited, on: connection)
            wait(head, on: connection) { _ async throws(Problem) in try await work() }
        case .publish(let broadcast):
            connection.requests?.reply = broadcast.isArray ? .array : .event
            if !requests.keepsForNextTurn(broadcast.publications, on: connection) {
                publishing.publish(broadcast.publications, of: connection.token)
            }
        case .stream(let plan): open(plan, head, on: connection)
        case .closing(let reason): requests.answerClosing(reason, head, on: connection)
        case .poll(let request): hold(request, head, on: connection)
        }
    }

    /// Starts a task on this worker that finds the answer; the connection waits for it.
    private func wait(
        _ head: RequestHead, on connection: Connection,
        for work: @escaping (isolated Worker) async throws(Problem) -> Answer
    ) {
        let token = connection.token
        connection.requests?.answering = Task {
            let answer: Answer
            do throws(Problem) { answer = try await work(self) } catch {
                answer = .response(error.response())
            }
            preconditionIsolated("an endpoint has left the worker's thread")
            guard let connection = connections[token] else { return }
            obey(answer, head, on: connection)
        }
    }

    private func open(_ plan: StreamPlan, _ head: RequestHead, on connection: Connection) {
        if let unavailability = connections.unavailability(of: connection) {
            return requests.answerClosing(unavailability, head, on: connection)
        }
        guard head.method != .head else { return requests.answerHead(head, on: connection) }
        guard limits.takeStream(connection, plan.caller) else {
            return requests.answerClosing(.overloaded, head, on: connection)
        }
        switch limits.takePlace(connection, plan.caller) {
        case nil: break
        case .overloaded: return requests.answerClosing(.overloaded, head, on: connection)
        case .some(let refusal):
            return requests.respond(LimitDesk.tooMany(refusal).response(), on: connection)
        }
        // Handles the mail first, so that the stream's first cursor covers all that was
        // acknowledged before this request was sent.
        attachToBroker()
        streams.open(plan, head, on: connection)
    }

    private func hold(_ request: PollRequest, _ head: RequestHead, on connection: Connection) {
        let token = connection.token
        switch limits.takePlace(connection, request.caller) {
        case nil: break
        case .overloaded:
            return requests.respond(ClosingReason.overloaded.problem.response(), on: connection)
        case .some(let refusal):
            return requests.respond(LimitDesk.tooMany(refusal).response(), on: connection)
        }
        attachToBroker()
        polls.begin(token, for: request.selectors)
        let end = clock.now.advanced(milliseconds: request.timeout)
        requests.awaitAnswer(.until(end.milliseconds), on: connection)
        wait(head, on: connection) { worker async throws(Problem) in
            defer {
                worker.polls.end(token)
                worker.limits.release(token)
            }
            let poll = PollEndpoint(hub: worker.endpoints.hub)
            let answer = try await poll.answer(request) { await worker.waitForPoll(token) }
            try request.caller.checkCredentials()
            return .response(answer.response)
        }
    }

    /// Waits until an event may have come for a poll.
    ///
    /// - Returns: `false` when the poll is to end.
    private func waitForPoll(_ token: UInt64) async -> Bool {
        await withCheckedContinuation { polls.wait(token, $0) }
        return polls.takeWakeup(token)
    }

    // MARK: Publishing

    /// Publishes the gathered events, unless a batch is on its way, and answers when all are done.
    ///
    /// When too many have gathered, no more of the body is read until the batch is in the log.
    private func publish(_ ingest: LineIngest, on connection: Connection) {
        guard let state = connection.requests else { return }
        if let batch = ingest.nextBatch() {
            state.reply = .lines(ingest)
            publishing.publish(batch, of: connection.token, isPaced: true)
        }
        if ingest.isOver { return answer(ingest, on: connection) }
        if !ingest.takesMore { state.http.pauseContent() }
    }

    /// Hands the broker's answer to the connection that waits for it, if it still does.
    func settle(_ answer: PublishAnswer, ticket: UInt64) {
        guard let connection = connections[ticket], let state = connection.requests,
            let reply = state.reply
        else { return }
        state.reply = nil
        if case .lines(let ingest) = reply {
            ingest.take(answer)
            publish(ingest, on: connection)
            guard ingest.takesMore else { return }
            state.http.resumeContent(at: clock.now.milliseconds)
            goOn(connection)
            return
        }
        switch answer {
        case .refused(let reason):
            requests.respond(Problem(reason).response(), on: connection)
        case .conflict(let conflict, _):
            let problem = Problem(conflict, isArray: reply.isArray)
            requests.respond(problem.response(), on: connection)
        case .published(let ids):
            requests.acknowledge(on: connection) { reply.append(ids, to: &$0) }
        }
    }

    private func answer(_ ingest: LineIngest, on connection: Connection) {
        if var problem = ingest.failure {
            problem.published = ingest.published
            requests.respond(problem.response(), on: connection, close: !ingest.isFinished)
        } else {
            requests.acknowledge(on: connection) { PublishReply.append(ingest, to: &$0) }
        }
    }
}
