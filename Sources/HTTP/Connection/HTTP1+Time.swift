// Time limits, and the end of a connection that waits for nothing.
extension HTTP1 {
    /// Sets the time limit for the bytes that the request still lacks.
    mutating func awaitMore(at now: UInt64) {
        switch phase {
        case .idle where decoder.isIdle:
            if hasBegun { deadline = now.later(by: timeLimits.idle) }
        case .idle:
            phase = .head
            hasBegun = true
            if !isServedOnce { deadline = now.later(by: timeLimits.head) }
        case .body:
            if !isServedOnce { deadline = now.later(by: timeLimits.body) }
        case .head, .paused, .answering: break
        }
    }

    /// Sets the deadline, except while the transport takes no output: that has a deadline of its
    /// own, which goes first.
    mutating func limit(to instant: UInt64) {
        if !isBlocked { deadline = instant }
    }

    /// Takes note that the deadline is over, if it is.
    package mutating func timeOut(at now: UInt64) {
        if now >= deadline { hasTimedOut = true }
    }

    /// Acts on a deadline that is over.
    mutating func expire(at now: UInt64) -> Action? {
        // The transport takes bytes again, and was not asked since.
        if hasUnsent, !isBlocked {
            deadline = now.later(by: timeLimits.body)
            return nil
        }
        if closesAfterOutput { return .close }
        switch phase {
        case .idle: return .close
        case .answering, .paused:
            // Sending an answer may take long, but a peer that takes nothing of it is given up.
            if isBlocked { return .close }
            deadline = .max
            patience = .unlimited
            return .expire
        case .head, .body:
            let part = phase == .head ? "head" : "body"
            if isBlocked { deadline = now.later(by: timeLimits.body) }
            return breakOff(
                RequestError(
                    .requestTimeout,
                    "The request's \(part) took too long to arrive; send it without pausing."))
        }
    }

    /// Sets how long the connection waits for the answer to its present request.
    package mutating func awaitAnswer(_ patience: Patience, at now: UInt64) {
        self.patience = patience
        limit(to: answerDeadline)
        if peerHasEnded { hurry(at: now) }
    }

    var answerDeadline: UInt64 {
        if case .until(let instant) = patience { instant } else { .max }
    }

    /// Shortens the wait for an answer, because the peer has ended its side.
    ///
    /// A peer that sends nothing more may still read, or it may have gone.
    mutating func hurry(at now: UInt64) {
        guard case .until(let instant) = patience else { return }
        patience = .until(min(instant, now.later(by: TimeLimits.afterPeersEnd)))
        limit(to: answerDeadline)
    }

    // MARK: Stopping

    /// Ends the connection with the next answer or, if no request has come, now.
    ///
    /// A request that the transport holds already counts as one that has come.
    package mutating func stop(at now: UInt64) {
        nextAnswerIsLast = true
        guard phase == .idle else { return }
        endsIfIdle = true
        if !hasUnsent { hasUnreadInput = true }
    }

    /// Ends a connection that is between two requests.
    ///
    /// A new connection on which nothing has come yet gets up to a second: its first request may be
    /// on its way.
    mutating func endIdle(at now: UInt64) {
        guard phase == .idle else { return }
        let isNew = now < begin.later(by: TimeLimits.onlyRequestMaximum)
        if !hasBegun, isNew {
            deadline = min(deadline, now.later(by: TimeLimits.onlyRequestMaximum))
        } else if hasUnsent {
            // An answer that is on its way is the connection's last.
            closesAfterOutput = true
        } else {
            isAbandoned = true
        }
    }
}
