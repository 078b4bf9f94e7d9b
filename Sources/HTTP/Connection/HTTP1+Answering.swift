// Turns answers into bytes.
extension HTTP1 {
    /// Whether the connection ends with the answer to the present request.
    package var endsWithAnswer: Bool {
        nextAnswerIsLast || closesAfterOutput || !(requestHead?.keepAlive ?? false)
    }

    /// Whether the answer may use a head that is encoded once for all connections: the request is
    /// of HTTP/1.1, and another one may follow.
    package var takesSharedHead: Bool {
        mutating get { requestHead?.minorVersion == 1 && !endsWithAnswer }
    }

    /// Queues the answer to the present request; with `close` the connection ends with it.
    package mutating func respond(
        _ response: Response, close: Bool = false, date: String, fieldLines: FieldLines
    ) {
        let ends = close || endsWithAnswer
        let minorVersion = requestHead?.minorVersion ?? 1
        output += response.encoded(
            for: requestHead?.method ?? .get, minorVersion: minorVersion, close: ends, date: date,
            constant: fieldLines.value(minorVersion: minorVersion, close: ends))
        didAnswer(ends: ends)
    }

    /// Queues an answer whose head is encoded already, all but its `Content-Length`.
    ///
    /// It is for requests for which `takesSharedHead` is true.
    package mutating func respond(sharedHead: [UInt8], content: [UInt8]) {
        output += sharedHead
        Response.append(content, ofLength: content.count, to: &output)
        didAnswer(ends: false)
    }

    /// Queues an answer that is encoded already, its head included.
    package mutating func respond(encoded bytes: [UInt8], ends: Bool) {
        output += bytes
        didAnswer(ends: ends)
    }

    /// Ends the present request, whose answer is queued.
    private mutating func didAnswer(ends: Bool) {
        precondition(phase != .idle, "a request is answered once")
        closesAfterOutput = closesAfterOutput || ends
        requestHead = nil
        body = .none
        patience = .unlimited
        phase = .idle
        // The next deadline is set when the answer is sent or the transport takes no more of it.
        limit(to: .max)
    }
}
