// Turns bytes into requests.
extension HTTP1 {
    /// Takes the decoder's next event.
    ///
    /// - Returns: the action that the caller has to do for it; `nil` when there is none.
    mutating func parse(at now: UInt64) -> Action? {
        do throws(RequestError) {
            switch try decoder.next() {
            case .needMore:
                hasUnparsedInput = false
                awaitMore(at: now)
                return nil
            case .head(let head):
                hasBegun = true
                requestHead = head
                phase = .body
                body = .undecided
                return .head(head)
            case .body(let bytes): return take(bytes)
            case .end: return finish()
            }
        } catch {
            return breakOff(error)
        }
    }

    private mutating func take(_ bytes: [UInt8]) -> Action? {
        switch body {
        case .none, .discard: return nil
        case .undecided: preconditionFailure("decide by accept or refuse before asking for more")
        case .collect(var collected):
            body = .none
            if collected.isEmpty { collected = bytes } else { collected += bytes }
            body = .collect(collected)
            return nil
        case .pieces: return .content(bytes)
        }
    }

    private mutating func finish() -> Action? {
        phase = .answering
        limit(to: .max)
        switch body {
        // `next` gives the answer of a body that is discarded.
        case .none, .discard: return nil
        case .undecided: preconditionFailure("decide by accept or refuse before asking for more")
        case .collect(let bytes):
            body = .none
            return requestHead.map { .request($0, bytes) }
        case .pieces:
            body = .none
            return .endOfContent
        }
    }

    /// Gives up a request that cannot be read on, whose answer is the connection's last.
    mutating func breakOff(_ error: RequestError) -> Action? {
        phase = .answering
        limit(to: .max)
        nextAnswerIsLast = true
        if case .pieces = body {
            body = .none
            return .brokenContent(error)
        }
        body = .discard(Problem(error).response())
        return nil
    }

    // MARK: What is done with a body

    /// Puts off the decision about the request that begins, until `resumeDecision`.
    package mutating func postponeDecision() {
        guard case .undecided = body else {
            preconditionFailure("postponeDecision follows the action head")
        }
        phase = .paused
        limit(to: .max)
    }

    /// Goes on with a request whose decision was put off: `accept` or `refuse` follows.
    package mutating func resumeDecision(at now: UInt64) {
        guard phase == .paused, case .undecided = body else {
            preconditionFailure("resumeDecision follows postponeDecision")
        }
        phase = .body
        limit(to: now.later(by: timeLimits.body))
    }

    /// Decides that the body of the request that begins is taken, and how.
    package mutating func accept(_ policy: BodyPolicy) {
        guard case .undecided = body, let requestHead else {
            preconditionFailure("accept follows the action head")
        }
        switch policy {
        case .pieces:
            decoder.bodyLimit = nil
            body = .pieces
        case .collect(let maximum):
            if case .length(let length) = requestHead.body, length > maximum {
                return refuse(
                    Problem(
                        .contentTooLarge,
                        "The body has \(length) bytes; at most \(maximum) are taken here."))
            }
            decoder.bodyLimit = maximum
            body = .collect([])
        }
        if requestHead.expectsContinue { output += Response.continueBytes }
    }

    /// Refuses the request that begins.
    ///
    /// A short body is read before the answer, so that the connection can go on. If the body may be
    /// long, or its sender waits for `100 Continue`, the answer comes at once and is the
    /// connection's last.
    package mutating func refuse(_ problem: Problem) {
        guard case .undecided = body, let requestHead else {
            preconditionFailure("refuse follows the action head")
        }
        body = .discard(problem.response())
        let isShort =
            switch requestHead.body {
            case .none: true
            case .length(let length): length <= Self.maximumDiscarded
            case .chunked: false
            }
        if isShort, !requestHead.expectsContinue {
            decoder.bodyLimit = Self.maximumDiscarded
        } else {
            phase = .answering
            limit(to: .max)
            nextAnswerIsLast = true
        }
    }

    /// Stops reading a body that is taken in pieces, until `resumeContent`.
    package mutating func pauseContent() {
        guard phase == .body else { return }
        phase = .paused
        limit(to: .max)
    }

    /// Goes on reading a body that is taken in pieces; its time limit begins anew.
    package mutating func resumeContent(at now: UInt64) {
        guard phase == .paused || phase == .body else { return }
        phase = .body
        limit(to: now.later(by: timeLimits.body))
    }
}
