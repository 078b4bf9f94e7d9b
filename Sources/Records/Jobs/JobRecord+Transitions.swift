// The state machine of a job, on the value alone. A transition either is allowed and returns true,
// or leaves the record as it was; whoever saves the record does so in the transaction in which it
// was read.
//
//   queued ⇄ scheduled → running → succeeded | failed | cancelled → (restart) queued
//
// A report about a running job is taken only with the job's lease. After a cancel, a rescue or a
// restart whoever ran the job holds an old lease, and its reports do not count any more.

extension JobRecord {
    private static let maximumErrors = 10
    private static let maximumErrorLength = 4096

    /// Hands a queued job to whoever runs it, and notes the model that will be asked.
    ///
    /// The lease runs out at `until`. It never does when `until` is `nil`, as in the hub that holds
    /// the store.
    package mutating func claim(
        lease: String, until: Int64?, model: String?, at now: Int64
    ) -> Bool {
        guard state == .queued else { return false }
        state = .running
        self.model = model
        if !isInterrupted {
            attempt += 1
            let before = figures
            figures = JobFigures()
            figures.inputTokens = before.inputTokens
            figures.outputTokens = before.outputTokens
            figures.counts = before.counts
        }
        isInterrupted = false
        self.lease = lease
        leaseUntil = until
        startedAt = now
        return true
    }

    /// Whether `lease` is the one under which the job runs now.
    package func isHeld(by lease: String) -> Bool { state == .running && self.lease == lease }

    package mutating func heartbeat(lease: String, until: Int64) -> Bool {
        guard isHeld(by: lease) else { return false }
        leaseUntil = until
        return true
    }

    /// Takes new figures; progress never falls within an attempt.
    package mutating func report(_ new: JobFigures, lease: String) -> Bool {
        guard isHeld(by: lease) else { return false }
        let floor = figures.progress
        figures = new
        figures.progress = min(100, max(floor, new.progress))
        return true
    }

    package mutating func succeed(lease: String, at now: Int64) -> Bool {
        guard isHeld(by: lease) else { return false }
        error = nil
        figures.progress = 100
        figures.remaining = 0
        finish(.succeeded, at: now)
        return true
    }

    /// Ends the attempt; with `retryAt` and attempts left, the job is tried again then.
    package mutating func fail(
        _ reason: String, retryAt: Int64?, lease: String, at now: Int64
    ) -> Bool {
        guard isHeld(by: lease) else { return false }
        note(reason, at: now)
        if let retryAt, attempt < maximumAttempts {
            wait(until: retryAt, at: now)
        } else {
            finish(.failed, at: now)
        }
        return true
    }

    /// Puts a job whose holder is gone back into the queue, or gives it up after its last attempt.
    package mutating func rescue(_ reason: String, at now: Int64) -> Bool {
        guard state == .running else { return false }
        note(reason, at: now)
        if attempt < maximumAttempts {
            release(at: now)
            state = .queued
            runAt = now
        } else {
            finish(.failed, at: now)
        }
        return true
    }

    /// Puts a job that the hub stops running, because the hub itself stops, back into the queue.
    ///
    /// The attempt is not used up.
    package mutating func interrupt(lease: String, at now: Int64) -> Bool {
        guard isHeld(by: lease) else { return false }
        release(at: now)
        state = .queued
        runAt = now
        isInterrupted = true
        return true
    }

    package mutating func promote() -> Bool {
        guard state == .scheduled else { return false }
        state = .queued
        return true
    }

    package mutating func cancel(_ reason: String, at now: Int64) -> Bool {
        guard !state.isFinal else { return false }
        error = reason
        finish(.cancelled, at: now)
        return true
    }

    /// Puts a job that has failed or was cancelled back into the queue; results of finished steps
    /// stay.
    package mutating func restart(at now: Int64) -> Bool {
        guard state == .failed || state == .cancelled else { return false }
        state = .queued
        attempt = 0
        isInterrupted = false
        error = nil
        let counts = figures.counts
        figures = JobFigures()
        // The parts that are done stay done.
        figures.counts = counts
        runAt = now
        startedAt = nil
        finishedAt = nil
        return true
    }

    /// Adds a sentence to the error with which the job has ended.
    package mutating func addToError(_ text: String) {
        error = Self.limited([error, text].compactMap { $0 }.joined(separator: " "))
    }

    // MARK: Parts

    private static func limited(_ text: String) -> String { text.cut(to: maximumErrorLength) }

    private mutating func note(_ reason: String, at now: Int64) {
        let reason = Self.limited(reason)
        error = reason
        errors.append(JobFailure(attempt: attempt, at: now, error: reason))
        errors.removeFirst(max(0, errors.count - Self.maximumErrors))
    }

    private mutating func wait(until time: Int64, at now: Int64) {
        release(at: now)
        state = time > now ? .scheduled : .queued
        runAt = max(time, now)
    }

    private mutating func finish(_ final: JobState, at now: Int64) {
        release(at: now)
        state = final
        if final != .succeeded { figures.remaining = nil }
        finishedAt = now
    }

    private mutating func release(at now: Int64) {
        if state == .running, let startedAt { figures.elapsed = max(0, now - startedAt) }
        lease = nil
        leaseUntil = nil
    }
}

extension String {
    /// Returns the text, cut to as many characters as have at most `limit` Unicode scalars
    /// together.
    package func cut(to limit: Int) -> String {
        guard unicodeScalars.count > limit else { return self }
        var end = startIndex
        var left = limit
        while end < endIndex {
            left -= self[end].unicodeScalars.count
            guard left >= 0 else { break }
            end = index(after: end)
        }
        // A single character may be longer than all that is allowed.
        return end == startIndex
            ? String(Substring(unicodeScalars.prefix(limit))) : String(self[..<end])
    }
}
