package import Generators
internal import Hub
internal import Reactor
internal import Records
internal import Telemetry

extension JobRun {
    /// How many silent tries a request has behind others, before the silence counts as its own
    /// failure.
    private static let maximumSilences = 5

    /// Generates a text and publishes each piece to the streams that watch the job.
    ///
    /// - Throws: `JobError`, also when the text is empty or was cut at the limit of tokens. Another
    ///   attempt would give the same, so this failure is permanent.
    package func text(_ request: TextRequest) async throws(JobError) -> String {
        try await generate(request, part: nil).text
    }

    /// Does a step that writes a part of the job's text, once.
    ///
    /// The streams that watch the job get the parts one after the other as one text. A part that an
    /// earlier attempt has finished stands in it again, and is not asked for.
    ///
    /// - Parameters:
    ///   - name: the name of the step in the pipeline's `steps`.
    ///   - request: the text to ask for.
    ///   - part: the place of the text among the others.
    ///   - message: what the job's row says during the step; `nil` for what `steps` says.
    ///   - check: returns why the text cannot be used; `nil` when it can.
    /// - Returns: the text, written now or in an earlier attempt.
    /// - Throws: as `text`, and when the text cannot be used, so that it is tried again later.
    package func write(
        _ name: String, _ request: TextRequest, as part: TextPart, message: String? = nil,
        check: (String) -> GenerationError? = { _ in nil }
    ) async throws(JobError) -> String {
        var isNew = false
        let kept = try await step(name, message: message) { () async throws(JobError) in
            isNew = true
            let written = try await generate(request, part: part)
            if let error = check(written.text) { throw .failed(error) }
            return written
        } keeping: {
            Kept($0.json)
        }
        let written = WrittenText(json: kept)
        if !isNew { progress.resume(written, as: part) }
        return written.text
    }

    private func generate(
        _ request: TextRequest, part: TextPart?
    ) async throws(JobError) -> WrittenText {
        progress.beginText(expecting: request.maximumTokens / 5, part: part)
        let limited = limited(request)
        var code = CodeFilter(isOn: part?.isCode ?? false)
        var text = ""
        let result = try await inTurn(tools.textTurns, at: tools.text.provider, flag: "--text") {
            turn async throws(GenerationError) in
            try await tools.text.generate(limited) { piece in
                turn.noteAnswer()
                var piece = piece
                piece.text = code.take(piece.text)
                text += piece.text
                progress.append(piece)
            }
        }
        let rest = code.end()
        text += rest
        if !rest.isEmpty { progress.append(TextPiece(rest, tokens: 0)) }
        progress.endText(result)
        let complete = text
        let tokens = progress.textTokens
        try check(complete, tokens, result, limited)
        if let part { progress.close(part) }
        try await showContent()
        return WrittenText(text: complete, tokens: tokens)
    }

    /// Returns a request with the limit of tokens that the operator has set, if there is one.
    func limited(_ request: TextRequest) -> TextRequest {
        var limited = request
        limited.maximumTokens = tools.maximumTokens ?? request.maximumTokens
        return limited
    }

    /// Publishes what is new of the text, before the event that says that its step is done, and
    /// stores the text so far.
    func showContent() async throws(JobError) {
        if let delta = progress.takeDelta() {
            tools.broker.publish(
                [
                    .contentDelta(
                        offset: delta.offset, text: delta.text, of: id, attempt: attempt)
                ], answer: SilentPort.shared, ticket: 0)
        }
        try await writeHeld(KeepContent(content: progress.wholeContent))
    }

    /// Throws when a text of so many tokens is blank or was cut off.
    func check(
        _ text: String, _ tokens: Int, _ result: TextResult, _ request: TextRequest
    ) throws(JobError) {
        let count = result.outputTokens ?? tokens + result.thinkingTokens
        let isCut = result.ending == .length
        let limit = "--text-max-tokens (now \(request.maximumTokens))"
        guard text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
            guard isCut else { return }
            throw .failed(
                "The text was cut off after \(count) tokens: \(limit) or the server's context is too small."
            )
        }
        let model = tools.text.model.isEmpty ? "The model" : "The model \(tools.text.model)"
        switch (result.thinkingTokens, isCut) {
        case (1..., true):
            throw .failed(
                "\(model) used all \(count) tokens for thinking. Allow more with \(limit), or "
                    + "switch thinking off.")
        case (1..., false):
            throw .failed(
                "\(model) wrote no text: it stopped after \(result.thinkingTokens) tokens of thinking."
            )
        case (_, true):
            throw .failed("\(model) wrote no text in \(count) tokens. Allow more with \(limit).")
        case (_, false):
            throw .failed("\(model) wrote no text.")
        }
    }

    /// Generates a picture and notes the generator's progress.
    package func picture(_ request: ImageRequest) async throws(JobError) -> Picture {
        try await inTurn(tools.imageTurns, at: tools.images.provider, flag: "--image") {
            turn async throws(GenerationError) in
            try await tools.images.generate(request) { step in
                turn.noteAnswer()
                progress.reportPicture(step)
            }
        }
    }

    /// Does `work` with a permit of the provider's limit, and repeats it after a silence behind
    /// others.
    func inTurn<Value>(
        _ turns: ConcurrencyLimit, at provider: String, flag: String,
        _ work: (Permit) async throws(GenerationError) -> Value
    ) async throws(JobError) -> Value {
        let place = turns.newPlace()
        var taken = turns.tryAcquire()
        var silences = 0
        while true {
            if taken == nil {
                let limit = turns.limit
                let reason =
                    limit < turns.maximum
                    ? ", which answers \(limit) at once (\(flag)-concurrency allows \(turns.maximum))"
                    : ""
                progress.setWaiting("Waiting for \(provider)\(reason)", at: .now())
                taken = await turns.acquire(at: place)
                progress.setWaiting(nil, at: .now())
            }
            guard let turn = taken else { throw .failed(.cancelled) }
            let asked = Instant.now()
            do throws(GenerationError) {
                let value = try await work(turn)
                turn.release(isDone: true)
                return value
            } catch {
                guard error.isSilence else {
                    turn.release(isDone: false)
                    throw .failed(error)
                }
                silences += 1
                guard turn.releaseSilent(), silences < Self.maximumSilences else {
                    throw .failed(error)
                }
            }
            // All that time it stood behind other requests, so the time does not count as work.
            progress.setWaiting("Waiting for \(provider)", at: asked)
            tools.logger.warning(
                "A provider answers fewer requests at once than it gets",
                [
                    "provider": provider, "job": id, "limit": turns.limit,
                    "flag": "\(flag)-concurrency",
                ])
            taken = nil
        }
    }
}
