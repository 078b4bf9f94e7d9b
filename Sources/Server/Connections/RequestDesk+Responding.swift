internal import HTTP
internal import Hub

extension RequestDesk {
    /// Queues the answer to the present request; the next one on the connection is read afterwards.
    func respond(_ response: Response, on connection: Connection, close: Bool = false) {
        guard let state = connection.requests else { return }
        var response = response
        if !state.corsFields.isEmpty { response.fields += state.corsFields }
        state.http.respond(response, close: close, date: clock.date(), fieldLines: fieldLines)
        didAnswer(connection, state, isRefusal: response.status.code >= 400)
    }

    /// Queues the answer to a publisher; `write` appends its JSON.
    ///
    /// Where possible, its head is the one that is encoded once for all publishers.
    func acknowledge(on connection: Connection, by write: (inout [UInt8]) -> Void) {
        acknowledgement.removeAll(keepingCapacity: true)
        write(&acknowledgement)
        guard let state = connection.requests, state.http.takesSharedHead,
            state.corsFields.isEmpty
        else {
            return respond(.json(.ok, text: acknowledgement), on: connection)
        }
        state.http.respond(
            sharedHead: acknowledgementHead.value(
                date: clock.date(), constant: fieldLines.keptAlive), content: acknowledgement)
        didAnswer(connection, state)
    }

    /// Answers a `HEAD` request for a stream.
    func answerHead(_ head: RequestHead, on connection: Connection) {
        guard let state = connection.requests else { return }
        let ends = head.minorVersion == 0 || state.http.endsWithAnswer
        var response = StreamDesk.headers
        response.fields += state.corsFields
        if !ends { response.fields += fieldLines.promise }
        let bytes = response.encodedStreamHead(
            minorVersion: head.minorVersion, close: ends, date: clock.date())
        state.http.respond(encoded: bytes, ends: ends)
        didAnswer(connection, state)
    }

    /// Answers the request for a stream that cannot be opened now with a stream that holds only
    /// `closing`, which says why and when to come back.
    ///
    /// A browser's EventSource gives up for good on any status but 200. Requests for anything but a
    /// stream get 503 with Retry-After.
    func answerClosing(_ reason: ClosingReason, _ head: RequestHead, on connection: Connection) {
        guard let state = connection.requests else { return }
        guard head.method != .head else { return answerHead(head, on: connection) }
        let closing = control.closing(reason, retry: reason.retry)
        let bytes = StreamDesk.beginning(
            head, firstBlock: closing, isWhole: true, corsFields: state.corsFields,
            date: clock.date())
        state.http.respond(encoded: bytes, ends: true)
        didAnswer(connection, state)
    }

    /// Tells a peer that speaks HTTP where TLS is expected what to do, without TLS, and ends the
    /// connection.
    func refusePlain(_ connection: Connection) {
        let problem = Problem(
            .badRequest,
            "This port speaks TLS: begin the address with https:// in place of http://.")
        let bytes = problem.response().encoded(
            for: .get, close: true, date: clock.date(), constant: fieldLines.closing)
        unsafe bytes.withUnsafeBytes { unsafe connection.transport.sendUnencrypted($0) }
        connections.linger(connection, hasReadAll: false)
    }

    private func didAnswer(
        _ connection: Connection, _ state: RequestState, isRefusal: Bool = false
    ) {
        state.priority.wasAnswered(isRefusal: isRefusal, at: clock.now)
        state.route = nil
        state.origin = .absent
        if !state.corsFields.isEmpty { state.corsFields = [] }
        state.ingest = nil
        state.upload = nil
        state.answering = nil
        sendLater(on: connection, state)
    }
}
