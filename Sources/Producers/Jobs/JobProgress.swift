// How far a running job is, in memory; its row is told a few times a second.
//
// Problem: a model gives a hundred tokens a second, and a row and an event for each would cost more
//   than the model. So a pipeline notes what happens here, which costs a lock and an addition, and
//   the runner's ticker takes what has changed: pieces of text ten times a second, figures four
//   times a second.
// Invariants: progress does not fall; what was taken as text is never taken again; figures are
//   taken in the transaction that stores them, so that what is stored later is not older.

internal import Generators
internal import Glibc
internal import Reactor
internal import Records

/// What one attempt has done so far; shared by its pipeline and the runner's ticker.
final class JobProgress: Sendable {
    /// A piece of generated text, on its way to those who watch.
    struct Delta: Sendable, Equatable {
        /// UTF-8 bytes before it.
        let offset: Int
        let text: String
    }

    fileprivate struct State {
        var figures: JobFigures
        var hasChanged = false
        var step = StepRange(start: 0, end: 100)
        /// How many tokens the text that is being generated is expected to have.
        var expectedTokens = 512
        /// How many tokens the model has thought before it.
        var thinkingTokens = 0
        var content: [UInt8] = []
        var takenContent = 0
        var rate = Rate()
        /// What the job waits for, and since when, while it does.
        var waiting: (message: String, since: Instant)?
        var waited = 0
    }

    /// The part of the whole that the present step is, in percent.
    struct StepRange: Sendable, Equatable {
        let start: Double
        let end: Double

        func at(_ fraction: Double) -> Double {
            start + (end - start) * min(1, max(0, fraction))
        }
    }

    let started: Instant
    private let past: JobPast
    private let state: Lock<State>

    init(resuming figures: JobFigures, past: JobPast, at now: Instant) {
        started = now
        self.past = past
        state = Lock(State(figures: figures))
    }

    // MARK: By the pipeline

    /// A step begins; the figures that tell of it.
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

    /// The step is done.
    func leaveStep() {
        state.withLock { state in
            state.raise(to: state.step.end)
            state.hasChanged = true
        }
    }

    func beginText(expecting tokens: Int?) {
        state.withLock { state in
            state.figures.currentTokens = 0
            state.figures.contentLength = 0
            state.expectedTokens = max(1, past.tokens ?? tokens ?? 512)
            state.thinkingTokens = 0
            state.content = []
            state.takenContent = 0
            state.rate = Rate()
            state.hasChanged = true
        }
    }

    func append(_ piece: TextPiece) {
        state.withLock { state in
            state.content += piece.text.utf8
            state.figures.currentTokens += piece.tokens
            state.thinkingTokens += piece.thinkingTokens
            state.figures.contentLength = state.content.count
            state.rate.add(
                tokens: piece.tokens + piece.thinkingTokens, bytes: piece.text.utf8.count)
            // The expectation is a guess: what comes beyond it brings the step's end nearer, never
            // there.
            let share = Double(state.figures.currentTokens) / Double(state.expectedTokens)
            state.raise(to: state.step.at(share < 0.9 ? share : 1 - 0.1 / (1 + 10 * (share - 0.9))))
            state.hasChanged = true
        }
    }

    func endText(_ result: TextResult) {
        state.withLock { state in
            let output =
                result.outputTokens ?? state.figures.currentTokens + result.thinkingTokens
            state.figures.inputTokens += result.inputTokens ?? 0
            state.figures.outputTokens +=
                result.outputTokens ?? state.figures.currentTokens + state.thinkingTokens
            state.figures.currentTokens = max(0, output - result.thinkingTokens)
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

    /// Says what the job waits for since `now` instead of working; `nil` when it works again.
    func setWaiting(_ message: String?, at now: Instant) {
        state.withLock { state in
            if let waiting = state.waiting { state.waited += now.since(waiting.since) }
            state.waiting = message.map { ($0, now) }
            state.hasChanged = true
        }
    }

    // MARK: By the ticker

    /// Tokens so far of the text that is being generated, or was last.
    var textTokens: Int { state.withLock(\.figures.currentTokens) }

    /// Milliseconds that the attempt has worked; waiting for a provider's turn or for the store is
    /// no work.
    func activeTime(at now: Instant) -> Int {
        state.withLock { state in
            now.since(started) - state.waited - (state.waiting.map { now.since($0.since) } ?? 0)
        }
    }

    /// Goes on with the running averages.
    func tick(seconds: Double) {
        state.withLock { $0.rate.tick(seconds: seconds) }
    }

    /// The text that has come since this was last asked.
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

    /// The text so far, as far as it was taken.
    var content: String {
        state.withLock {
            String(decoding: $0.content[..<$0.takenContent], as: UTF8.self)
        }
    }

    /// Whether `takeChange` has something to give.
    var hasChanged: Bool { state.withLock(\.hasChanged) }

    /// The figures, if they have changed since this was last asked.
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
    fileprivate mutating func raise(to progress: Double) {
        // A hundredth of a percent is as fine as anyone looks.
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
        } else if thinkingTokens > 0, content.isEmpty {
            shown.message = "Thinking: \(thinkingTokens) tokens so far"
        }
        return shown
    }

    /// What remains by the job's own pace, the more so the further it is, and by what such jobs
    /// took before.
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

/// Running averages of what comes, over about two seconds.
fileprivate struct Rate {
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
