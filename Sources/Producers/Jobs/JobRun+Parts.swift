// Parts of a step that are done side by side.
//
// Each part is stored when it is done, so after a crash only those are asked for again that were
//   under way. The step is one step in the job's row, which counts its parts.

package import Generators
internal import Hub
internal import Records

/// A step whose parts are done side by side.
package struct SideBySide: Sendable {
    /// The name of the step in the pipeline's `steps`.
    package let step: String
    /// What the job's `counts` call the parts.
    package let name: String
    /// How many parts are done at once at most.
    package let limit: Int
    /// The row's message when so many of so many parts are done.
    package let message: @Sendable (_ completed: Int, _ total: Int) -> String

    package init(
        _ step: String, counting name: String, atMost limit: Int,
        message: @escaping @Sendable (_ completed: Int, _ total: Int) -> String
    ) {
        self.step = step
        self.name = name
        self.limit = limit
        self.message = message
    }
}

extension JobRun {
    /// Writes the parts of a text side by side; streams get them in their order, as one text.
    ///
    /// - Parameters:
    ///   - parts: the step.
    ///   - requests: the texts to ask for.
    ///   - openings: what stands before each of them.
    ///   - check: returns why a text cannot be used; `nil` when it can.
    /// - Returns: the texts, written now or in an earlier attempt.
    /// - Throws: as `text`, once no part is under way any more.
    package func write(
        _ parts: SideBySide, _ requests: [TextRequest], openings: [String],
        check: @escaping @Sendable (String) -> GenerationError? = { _ in nil }
    ) async throws(JobError) -> [String] {
        let kept = try await sideBySide(parts, requests.count) { index, kept in
            progress.resume(WrittenText(json: kept), after: openings[index], asPart: index)
        } work: { (index) async throws(JobError) in
            let text = try await writePart(index, limited(requests[index]), after: openings[index])
            if let error = check(text.text) { throw .failed(error) }
            progress.append("\n\n", toPart: index)
            return Kept(text.json)
        }
        try await showContent()
        return kept.map { WrittenText(json: $0).text }
    }

    /// Paints pictures side by side.
    ///
    /// - Returns: their URLs, in the order of the requests.
    /// - Throws: as `picture`, once none is under way any more.
    package func paint(
        _ parts: SideBySide, _ requests: [ImageRequest]
    ) async throws(JobError) -> [String] {
        let kept = try await sideBySide(parts, requests.count) { _, _ in
        } work: { (index) async throws(JobError) in
            KeepPicture(picture: try await paintPart(index, requests[index]))
        }
        return kept.map { RecordJSON.text(of: $0) }
    }

    private func writePart(
        _ index: Int, _ request: TextRequest, after opening: String
    ) async throws(JobError) -> WrittenText {
        progress.append(opening, toPart: index)
        var text = ""
        var tokens = 0
        let result = try await inTurn(tools.textTurns, at: tools.text.provider, flag: "--text") {
            turn async throws(GenerationError) in
            try await tools.text.generate(request) { piece in
                turn.noteAnswer()
                text += piece.text
                tokens += piece.tokens
                progress.append(piece, toPart: index, expecting: request.maximumTokens / 5)
            }
        }
        progress.endText(result, tokens: tokens)
        try check(text, tokens, result, request)
        return WrittenText(text: text, tokens: tokens)
    }

    private func paintPart(
        _ index: Int, _ request: ImageRequest
    ) async throws(JobError) -> Picture {
        try await inTurn(tools.imageTurns, at: tools.images.provider, flag: "--image") {
            turn async throws(GenerationError) in
            try await tools.images.generate(request) { step in
                turn.noteAnswer()
                progress.reportPicture(step, ofPart: index)
            }
        }
    }

    /// Does the parts of a step that no earlier attempt has finished.
    ///
    /// `resume` takes what is kept of a part that was finished before; `work` does a part, whose
    /// change is stored and its outcome kept.
    /// - Returns: what is kept of each part, in their order.
    /// - Throws: the first error of a part, once none is under way any more.
    private func sideBySide<Keeping: StoreChange>(
        _ parts: SideBySide, _ count: Int, resume: (Int, [UInt8]) -> Void,
        work: @escaping @Sendable (Int) async throws(JobError) -> Keeping
    ) async throws(JobError) -> [[UInt8]] where Keeping.Outcome == [UInt8] {
        let (step, range) = place(of: parts.step, part: (1, of: 1))
        var kept: [Int: [UInt8]] = [:]
        for index in 0..<count {
            kept[index] = try await read(KeptStep(job: id, name: "\(step.name)/\(index + 1)"))
        }
        progress.beginParts(count, counting: parts.name)
        for (index, json) in kept.sorted(by: { $0.key < $1.key }) {
            resume(index, json)
            finish(index, of: parts, count)
        }
        let entered = Step(
            step.name, kept.isEmpty ? step.message : parts.message(kept.count, count))
        try await writeHeld(
            EnterStep(
                step: entered, range: range, lease: lease, progress: progress, entering: nil))
        let missing = (0..<count).filter { kept[$0] == nil }
        let done = try await inGroups(of: parts.limit, missing) {
            (index) async throws(JobError) in
            let change = try await work(index)
            let json = try await writeHeld(
                KeepStep(name: "\(step.name)/\(index + 1)", change: change))
            finish(index, of: parts, count)
            return json
        }
        progress.endParts()
        progress.leaveStep()
        return kept.merging(done) { $1 }.sorted { $0.key < $1.key }.map(\.value)
    }

    private func finish(_ index: Int, of parts: SideBySide, _ count: Int) {
        progress.finishPart(index, counting: parts.name) { parts.message($0, count) }
    }

    /// How a part ended.
    private struct Ended: Sendable {
        let index: Int
        let result: Result<[UInt8], JobError>
    }

    /// Does `work` for each index, for at most `limit` of them at once.
    ///
    /// - Throws: the first error, once all that was begun has ended.
    private func inGroups(
        of limit: Int, _ indices: [Int],
        _ work: @escaping @Sendable (Int) async throws(JobError) -> [UInt8]
    ) async throws(JobError) -> [Int: [UInt8]] {
        var done: [Int: [UInt8]] = [:]
        var failure: JobError?
        await withTaskGroup(of: Ended.self) { group in
            var next = indices[...]
            func begin() {
                guard failure == nil, let index = next.popFirst() else { return }
                group.addTask {
                    // The result is made by itself: Swift 6.3 loses the first element of a tuple
                    // whose second one is awaited (findings/swift-tuple-around-an-await.sh).
                    let result: Result<[UInt8], JobError>
                    do throws(JobError) { result = .success(try await work(index)) } catch {
                        result = .failure(error)
                    }
                    return Ended(index: index, result: result)
                }
            }
            for _ in 0..<max(1, limit) { begin() }
            while let ended = await group.next() {
                switch ended.result {
                case .success(let json): done[ended.index] = json
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
                begin()
            }
        }
        if let failure { throw failure }
        return done
    }
}
