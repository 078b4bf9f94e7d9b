internal import Generators
internal import Reactor
internal import Records

/// The parts of a step that are done side by side: how far each is, and what text they have.
///
/// Their texts stand in the job's text in the order of the parts. So the first one that is not done
/// is shown as it is written, and those behind it wait until it is done.
struct StepParts: Sendable {
    private struct Part {
        var share = 0.0
        var tokens = 0
        var waiting: [UInt8] = []
        var isDone = false
    }

    private var parts: [Part]
    /// The first part that is not done.
    private var front = 0

    init(count: Int) {
        parts = Array(repeating: Part(), count: count)
    }

    var count: Int { parts.count }

    var completed: Int { parts.count(where: \.isDone) }

    /// The share of the step that is done, from 0 to 1.
    var share: Double {
        if parts.isEmpty { return 1 }
        return parts.reduce(0) { $0 + ($1.isDone ? 1 : $1.share) } / Double(parts.count)
    }

    /// Notes how far a part is that is not done yet, from 0 to 1.
    mutating func report(_ share: Double, of index: Int) {
        parts[index].share = max(parts[index].share, min(0.99, share))
    }

    /// Adds tokens of a part, of which so many are expected.
    mutating func add(tokens: Int, expecting expected: Int, to index: Int) {
        parts[index].tokens += tokens
        report(Double(parts[index].tokens) / Double(max(1, expected)), of: index)
    }

    /// Adds to the text of a part.
    ///
    /// - Returns: what is to be added to the job's text now.
    mutating func append(_ text: String, to index: Int) -> [UInt8] {
        if index == front { return Array(text.utf8) }
        parts[index].waiting += text.utf8
        return []
    }

    /// Notes that a part is done.
    ///
    /// - Returns: what is to be added to the job's text now: what those behind it have written.
    mutating func finish(_ index: Int) -> [UInt8] {
        parts[index].isDone = true
        var shown: [UInt8] = []
        while front < parts.count, parts[front].isDone {
            front += 1
            guard front < parts.count else { break }
            shown += parts[front].waiting
            parts[front].waiting = []
        }
        return shown
    }
}

extension JobProgress {
    /// Begins to do the parts of a step side by side.
    func beginParts(_ count: Int, counting name: String) {
        state.withLock { state in
            state.parts = StepParts(count: count)
            state.count(name, completed: 0, of: count)
        }
    }

    /// Notes how many there are of what is counted, and how many of them are done.
    func count(_ name: String, completed: Int, of total: Int) {
        state.withLock { $0.count(name, completed: completed, of: total) }
    }

    /// Adds to the text of a part without counting tokens.
    func append(_ text: String, toPart index: Int) {
        state.withLock { state in
            if let shown = state.parts?.append(text, to: index) { state.append(bytes: shown) }
            state.hasChanged = true
        }
    }

    /// Puts the text of a part that an earlier attempt has finished into its place.
    func resume(_ written: WrittenText, after opening: String, asPart index: Int) {
        state.withLock { state in
            let text = opening + written.text + "\n\n"
            if let shown = state.parts?.append(text, to: index) { state.append(bytes: shown) }
            state.figures.currentTokens += written.tokens
            state.hasChanged = true
        }
    }

    /// Adds a piece to the text of a part, of which so many tokens are expected.
    func append(_ piece: TextPiece, toPart index: Int, expecting expected: Int) {
        state.withLock { state in
            state.parts?.add(tokens: piece.tokens, expecting: expected, to: index)
            if let shown = state.parts?.append(piece.text, to: index) {
                state.append(bytes: shown)
            }
            state.figures.currentTokens += piece.tokens
            state.rate.add(
                tokens: piece.tokens + piece.thinkingTokens, bytes: piece.text.utf8.count)
            state.raiseByParts()
        }
    }

    /// Notes how far the picture of a part is.
    func reportPicture(_ progress: ImageProgress, ofPart index: Int) {
        state.withLock { state in
            state.parts?.report(progress.fraction, of: index)
            state.raiseByParts()
        }
    }

    /// Notes that the text of a part is whole, as the generator counts it.
    func endText(_ result: TextResult, tokens: Int) {
        state.withLock { state in
            state.figures.inputTokens += result.inputTokens ?? 0
            state.figures.outputTokens += result.outputTokens ?? tokens + result.thinkingTokens
            state.hasChanged = true
        }
    }

    /// Notes that a part is done; its step is announced with `message` from now on.
    func finishPart(_ index: Int, counting name: String, message: (Int) -> String) {
        state.withLock { state in
            if let shown = state.parts?.finish(index) { state.append(bytes: shown) }
            let (completed, total) = (state.parts?.completed ?? 0, state.parts?.count ?? 0)
            state.count(name, completed: completed, of: total)
            state.figures.message = message(completed)
            state.raiseByParts()
        }
    }

    /// Ends the parts of a step: what is written later follows them.
    func endParts() {
        state.withLock { state in
            state.parts = nil
            state.earlierTokens = state.figures.currentTokens
            state.hasChanged = true
        }
    }
}

extension JobProgress.State {
    fileprivate mutating func append(bytes: [UInt8]) {
        content += bytes
        figures.contentLength = content.count
    }

    /// Counts parts; what an earlier attempt has done is not counted down.
    fileprivate mutating func count(_ name: String, completed: Int, of total: Int) {
        hasChanged = true
        guard let index = figures.counts.firstIndex(where: { $0.name == name }) else {
            figures.counts.append(StepCount(name: name, completed: completed, total: total))
            return
        }
        let before = figures.counts[index]
        let known = before.total == total ? before.completed : 0
        figures.counts[index] = StepCount(
            name: name, completed: max(known, completed), total: total)
    }

    fileprivate mutating func raiseByParts() {
        if let parts { raise(to: step.at(parts.share)) }
        hasChanged = true
    }
}
