// The progress of a running job, in memory. Its row is updated a few times a second.
//
// Problem: a model gives a hundred tokens a second, and a row and an event for each would cost more
//   than the model. So a pipeline notes what happens here, which costs a lock and an addition. The
//   runner's ticker takes what has changed: pieces of text about twelve times a second, figures
//   about four times a second.
// Invariants: progress does not fall. A piece of text is taken once. Figures are taken in the
//   transaction that stores them, so that figures stored later are never older.

internal import Generators
internal import Glibc
internal import Reactor
internal import Records

/// The progress of one attempt, shared by its pipeline and the runner's ticker.
final class JobProgress: Sendable {
    /// A piece of generated text that is to be published.
    struct Delta: Sendable, Equatable {
        /// UTF-8 bytes of the text before the piece.
        let offset: Int
        let text: String
    }

    struct State {
        var figures: JobFigures
        var hasChanged = false
        var step = StepRange(start: 0, end: 100)
        /// The parts that are done side by side in the present step; `nil` in any other step.
        var parts: StepParts?
        /// The expected number of tokens of the text that is being generated.
        var expectedTokens = 512
        /// Tokens that the model has spent on thinking for this text.
        var thinkingTokens = 0
        var content: [UInt8] = []
        /// Where in `content` the text that is being generated begins.
        var textStart = 0
        /// Tokens of the parts of the text that were finished before.
        var earlierTokens = 0
        var takenContent = 0
        var rate = TextRate()
        /// Why the job waits and since when; `nil` while it works.
        var waiting: (message: String, since: Instant)?
        var waited = 0
    }

    /// The range of the job's progress that a step covers, in percent.
    struct StepRange: Sendable, Equatable {
        let start: Double
        let end: Double

        func at(_ fraction: Double) -> Double {
            start + (end - start) * min(1, max(0, fraction))
        }
    }

    let started: Instant
    private let past: JobPast
    let state: Lock<State>

    init(resuming figures: JobFigures, past: JobPast, at now: Instant) {
        started = now
        self.past = past
        state = Lock(State(figures: figures))
    }

    // MARK: By the pipeline

    /// Begins a step.
    ///
    /// - Returns: the figures that announce it.
    func enter(_ step: Step, range: StepRange) -> JobFigures {
        state.withLock { state in
            state.step = range
            state.figures.step = step.name
            state.figures.message = step.message
            state.raise(to: range.start)
            state.hasChanged = false
            return state.figures
        }
    }

    /// Notes that the present step is done.
    func leaveStep() {
        state.withLock { state in
            state.raise(to: state.step.end)
            state.hasChanged = true
        }
    }

    /// Begins a text: the only one of the job, or a part of it that follows those before.
    ///
    /// - Parameters:
    ///   - tokens: how many tokens it is expected to have, if the past of such jobs says nothing.
    ///   - part: which part it is; `nil` for a text of its own, which replaces the one before.
    func beginText(expecting tokens: Int?, part: TextPart? = nil) {
        state.withLock { state in
            if let part {
                state.append(part.opening)
            } else {
                state.content = []
                state.takenContent = 0
                state.earlierTokens = 0
                state.figures.contentLength = 0
                state.rate = TextRate()
            }
            state.figures.currentTokens = state.earlierTokens
            let known = past.tokens.map { Int(Double($0) * (part?.share ?? 1)) }
            state.expectedTokens = max(1, known ?? tokens ?? 512)
            state.textStart = state.content.count
            state.thinkingTokens = 0
            state.hasChanged = true
        }
    }

    /// Puts a part of the text that an earlier attempt has finished into its place.
    func resume(_ written: WrittenText, as part: TextPart) {
        state.withLock { state in
            state.append(part.opening + written.text + part.closing)
            state.earlierTokens += written.tokens
            state.figures.currentTokens = state.earlierTokens
            state.hasChanged = true
        }
    }

    /// Ends a part of the text, which others may follow.
    func close(_ part: TextPart) {
        state.withLock { state in
            state.append(part.closing)
            state.earlierTokens = state.figures.currentTokens
            state.hasChanged = true
        }
    }

    func append(_ piece: TextPiece) {
        state.withLock { state in
            state.append(piece.text)
            state.figures.currentTokens += piece.tokens
            state.thinkingTokens += piece.thinkingTokens
            state.rate.add(
                tokens: piece.tokens + piece.thinkingTokens, bytes: piece.text.utf8.count)
            // The expectation is a guess. Tokens beyond it bring the progress nearer to the step's
            // end, but never reach it.
            let share = Double(state.textTokens) / Double(state.expectedTokens)
            state.raise(to: state.step.at(share < 0.9 ? share : 1 - 0.1 / (1 + 10 * (share - 0.9))))
            state.hasChanged = true
        }
    }

    func endText(_ result: TextResult) {
        state.withLock { state in
            let output = result.outputTokens ?? state.textTokens + result.thinkingTokens
            state.figures.inputTokens += result.inputTokens ?? 0
            state.figures.outputTokens +=
                result.outputTokens ?? state.textTokens + state.thinkingTokens
            state.figures.currentTokens =
                state.earlierTokens + max(0, output - result.thinkingTokens)
            state.thinkingTokens = 0
            if let exact = result.tokensPerSecond { state.rate.tokens = exact }
            state.figures.tokensPerSecond = state.rate.tokens
            state.hasChanged = true
        }
    }

    func reportPicture(_ progress: ImageProgress) {
        state.withLock { state in
            state.raise(to: state.step.at(min(0.99, progress.fraction)))
            state.hasChanged = true
        }
    }

    /// Notes that the job waits since `now`, and why; `nil` when it works again.
    func setWaiting(_ message: String?, at now: Instant) {
        state.withLock { state in
            if let waiting = state.waiting { state.waited += now.since(waiting.since) }
            state.waiting = message.map { ($0, now) }
            state.hasChanged = true
        }
    }

    // MARK: By the ticker

    /// Tokens so far of the present text, or of the last one between texts; of the present part, if
    /// the text has parts.
    var textTokens: Int { state.withLock(\.textTokens) }

    /// The text so far with all its parts, published or not.
    var wholeContent: String {
        state.withLock { String(decoding: $0.content, as: UTF8.self) }
    }

    /// Returns the milliseconds that the attempt has worked.
    ///
    /// The time spent waiting for a provider or the store does not count.
    func activeTime(at now: Instant) -> Int {
        state.withLock { state in
            now.since(started) - state.waited - (state.waiting.map { now.since($0.since) } ?? 0)
        }
    }

    /// Updates the running averages after a tick that lasted `seconds`.
    func tick(seconds: Double) {
        state.withLock { $0.rate.tick(seconds: seconds) }
    }

    /// Returns the text that has come since the last call; `nil` when there is none.
    func takeDelta() -> Delta? {
        state.withLock { state in
            guard state.takenContent < state.content.count else { return nil }
            let delta = Delta(
                offset: state.takenContent,
                text: String(decoding: state.content[state.takenContent...], as: UTF8.self))
            state.takenContent = state.content.count
            return delta
        }
    }

    /// The part of the text that `takeDelta` has returned so far.
    var content: String {
        state.withLock {
            String(decoding: $0.content[..<$0.takenContent], as: UTF8.self)
        }
    }

    /// Whether `takeChange` would return figures.
    var hasChanged: Bool { state.withLock(\.hasChanged) }

    /// Returns the figures if they have changed since the last call.
    func takeChange(at now: Instant) -> JobFigures? {
        state.withLock { state -> JobFigures? in
            guard state.hasChanged else { return nil }
            state.hasChanged = false
            return state.updated(at: now, since: started, past: past)
        }
    }

    func figures(at now: Instant) -> JobFigures {
        state.withLock { $0.updated(at: now, since: started, past: past) }
    }
}

extension JobProgress.State {
    /// Tokens of the text, or of the part, that is being generated.
    fileprivate var textTokens: Int { figures.currentTokens - earlierTokens }

    mutating func append(_ text: String) {
        content += text.utf8
        figures.contentLength = content.count
    }

    mutating func raise(to progress: Double) {
        // Two decimal places are as fine as anyone looks.
        let rounded = (progress * 100).rounded(.down) / 100
        figures.progress = max(figures.progress, min(100, rounded))
    }

    fileprivate mutating func updated(
        at now: Instant, since started: Instant, past: JobPast
    ) -> JobFigures {
        figures.elapsed = Int64(now.since(started))
        figures.remaining = remaining(past)
        if rate.hasMeasured {
            figures.tokensPerSecond = rate.tokens
            figures.contentRate = rate.bytes
        }
        var shown = figures
        if let waiting {
            shown.message = waiting.message
        } else if thinkingTokens > 0, content.count == textStart {
            shown.message = "Thinking: \(thinkingTokens) tokens so far"
        }
        return shown
    }

    /// Returns the milliseconds that the job still needs, by its own pace and by the past of such
    /// jobs.
    ///
    /// The further the job is, the more its own pace counts.
    private func remaining(_ past: JobPast) -> Int64? {
        let elapsed = Double(figures.elapsed)
        let share = figures.progress / 100
        let byPast = past.duration.map { max(0, Double($0) - elapsed) }
        guard share >= 0.05, elapsed >= 500 else { return byPast.map { Int64($0) } }
        let byPace = elapsed / share - elapsed
        guard let byPast else { return Int64(byPace) }
        return Int64(byPast * (1 - share) + byPace * share)
    }
}

/// Running averages of tokens and bytes per second, over about two seconds.
struct TextRate {
    private static let span = 2.0

    var tokens = 0.0
    private(set) var bytes = 0.0
    private(set) var hasMeasured = false
    private var newTokens = 0
    private var newBytes = 0

    mutating func add(tokens: Int, bytes: Int) {
        newTokens += tokens
        newBytes += bytes
    }

    mutating func tick(seconds: Double) {
        guard seconds > 0, hasMeasured || newTokens > 0 || newBytes > 0 else { return }
        let weight = hasMeasured ? 1 - exp(-seconds / Self.span) : 1
        tokens += weight * (Double(newTokens) / seconds - tokens)
        bytes += weight * (Double(newBytes) / seconds - bytes)
        (newTokens, newBytes) = (0, 0)
        hasMeasured = true
    }
}
