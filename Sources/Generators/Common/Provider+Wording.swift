internal import HTTPClient

// What the person who waits is told: what happened, with which provider, what helps. Policy for retries: what
// the request itself is to blame for is never tried again; what passes by itself is, later or when told.
extension Provider {
    /// Characters of a provider's own text that are passed on.
    private static let longestQuote = 300

    var place: String { "\(name) at \(settings.shownURL)" }

    /// The error for a connection that failed.
    func explain(_ error: ClientError, _ timeouts: ClientRequest.Timeouts) -> GenerationError {
        let why = quoted(error.reason)
        return switch error.kind {
        case .cancelled: .cancelled
        case .invalidURL:
            GenerationError("\(flags)-url is no http or https URL: \(why).", retry: .never)
        case .invalidRequest:
            GenerationError("The request to \(place) cannot be sent: \(why).", retry: .never)
        case .cannotResolve:
            GenerationError(
                "The name of \(place) cannot be resolved (\(why)). Check \(flags)-url.",
                retry: .later)
        case .cannotConnect:
            GenerationError("\(place) does not answer (\(why)). \(startHint)", retry: .later)
        case .insecure:
            GenerationError(
                "There is no secure connection to \(place) (\(why)). Check \(flags)-url and the "
                    + "server's certificate.", retry: .later)
        case .connectTimeout:
            GenerationError(
                "\(place) does not answer within \(Self.seconds(timeouts.connect)). \(startHint)",
                retry: .later)
        case .stalled:
            GenerationError(
                "\(place) sent nothing for \(Self.seconds(timeouts.stall)). It may be busy or "
                    + "still loading the model; --stall-timeout sets how long it may be silent.",
                retry: .later)
        case .totalTimeout:
            GenerationError(
                "\(place) was not done within \(Self.seconds(timeouts.total)).", retry: .later)
        case .closedEarly:
            GenerationError("\(place) broke off its answer (\(why)).", retry: .later)
        case .tooLarge:
            GenerationError(
                "The answer of \(place) is larger than any that is expected (\(why)).",
                retry: .never)
        case .other:
            GenerationError("The request to \(place) failed (\(why)).", retry: .later)
        }
    }

    /// The error for a status that is none of success.
    func explain(
        status: Int, _ message: ProviderMessage, _ retry: GenerationError.Retry
    ) -> GenerationError {
        let said = message.text.map { ": \(quoted($0))" } ?? ""
        let sentence =
            if message.isOutOfQuota {
                "The account at \(place) has used up its quota\(said). Check its plan and billing."
            } else if message.isForContent {
                "\(place) declines for its content policy\(said). Change the prompt."
            } else {
                switch status {
                case 300...399:
                    "\(place) answers with a redirect (\(status)). Check \(flags)-url."
                case 401 where settings.key == nil, 403 where settings.key == nil:
                    "\(place) wants a key (\(status)\(said)). Give it with \(flags)-key-file."
                case 401, 403:
                    "\(place) does not accept the key (\(status)\(said)). Check \(flags)-key-file."
                case 404:
                    "\(place) knows no such model or path (404\(said)). \(modelHint)"
                case 429, 503: "\(place) is busy (\(status)\(said))."
                case 400...499: "\(place) refuses the request (\(status)\(said))."
                default: "\(place) failed (\(status)\(said))."
                }
            }
        return GenerationError(sentence, retry: retry)
    }

    /// The error for an answer whose status was that of success.
    ///
    /// Where nothing of it could be used (`isFirst`), the server is the wrong one rather than in trouble.
    func explain(_ fault: AnswerFault, isFirst: Bool) -> GenerationError {
        switch fault {
        case .failed(let error): error
        case .truncated:
            GenerationError("\(place) ended its answer before it was complete.", retry: .later)
        case .malformed where isFirst:
            GenerationError(
                "What \(place) answers cannot be understood. Check \(flags)-url and "
                    + "\(flags)-provider.", retry: .never)
        case .malformed:
            GenerationError(
                "\(place) sent something in its answer that cannot be understood.", retry: .later)
        case .tooLong:
            GenerationError("The answer of \(place) does not end.", retry: .never)
        case .reported(let message) where message.isOutOfQuota || message.isForContent:
            explain(status: 0, message, .never)
        case .reported(let message):
            GenerationError(
                "\(place) broke off with an error"
                    + (message.text.map { ": \(quoted($0))." } ?? "."),
                retry: Self.retry(after: message))
        case .filtered:
            GenerationError(
                "\(place) withheld the answer for its content policy. Change the prompt.",
                retry: .never)
        case .declined(let text):
            GenerationError(
                "\(settings.model) at \(settings.shownURL) declines: \(quoted(text)). Change the "
                    + "prompt.", retry: .never)
        }
    }

    /// Whether an error in the midst of an answer, which has no status, may pass by itself.
    private static func retry(after message: ProviderMessage) -> GenerationError.Retry {
        if let status = message.code.flatMap({ Int($0) }), 400...599 ~= status {
            return RetryAdvice.isTransient(status) ? .later : .never
        }
        return message.type == "invalid_request_error" ? .never : .later
    }

    /// Somebody else's text as part of a sentence: one line, not too long, without the key and a full stop.
    func quoted(_ text: String) -> String {
        let visible = settings.key?.hidden(in: text) ?? text
        let words = visible.split { character in
            character.isWhitespace || character.unicodeScalars.contains { $0.value < 0x20 }
        }
        var line = words.joined(separator: " ")
        if line.count > Self.longestQuote { line = line.prefix(Self.longestQuote) + "…" }
        while let last = line.last, last == "." || last == "!" { line.removeLast() }
        return line
    }

    private static func seconds(_ count: Double) -> String {
        let number = count == count.rounded() && count < 1e9 ? "\(Int(count))" : "\(count)"
        return number == "1" ? "1 second" : "\(number) seconds"
    }
}
