internal import HTTPClient

// What the person who waits is told: what happened, with which provider, what helps. Policy for
// retries: what the request itself is to blame for is never tried again; what passes by itself is,
// later or when told.
extension Provider {
    /// Characters of a provider's own text that are passed on.
    private static let maximumQuote = 300

    /// The provider as sentences name it, with the proxy that it is asked through.
    var place: String {
        "\(name) at \(settings.shownURL)" + (proxy.map { " (through \(Self.shown($0)))" } ?? "")
    }

    private var proxy: ProxySettings.Proxy? { client.proxy(for: settings.url) }

    private static func shown(_ proxy: ProxySettings.Proxy) -> String {
        "the proxy \(proxy.shownURL) of \(proxy.source)"
    }

    /// The error for a proxy that cannot be reached; `nil` when it is not that, or there is none.
    private func explainProxy(_ kind: ClientError.Kind, _ why: String) -> GenerationError? {
        guard let proxy, [.cannotConnect, .cannotResolve, .connectTimeout].contains(kind) else {
            return nil
        }
        return GenerationError(
            "\(name) at \(settings.shownURL) is asked through \(Self.shown(proxy)), to which there is "
                + "no connection (\(why)). Check \(proxy.source) and no_proxy, or set --provider-proxy.",
            retry: .later)
    }

    /// The error for a connection that failed.
    func explain(_ error: ClientError, _ timeouts: ClientRequest.Timeouts) -> GenerationError {
        let why = quoted(error.reason)
        if let error = explainProxy(error.kind, why) { return error }
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
        case .silent:
            GenerationError(
                "\(place) did not begin to answer within \(Self.seconds(timeouts.start ?? 0)). It may "
                    + "be loading the model, or be busy with other requests: \(flags)-concurrency "
                    + "sets how many it gets at once, --start-timeout how long it may take.",
                retry: .later, isSilence: true)
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
                case 407:
                    "\(place) cannot be asked: the proxy wants a name and a password (407\(said)), "
                        + "which stand in the proxy's URL."
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
    /// Where nothing of it could be used (`isFirst`), the server is the wrong one rather than in
    /// trouble.
    func explain(_ fault: AnswerFault, isFirst: Bool) -> GenerationError {
        switch fault {
        case .failed(let error): error
        case .truncated:
            GenerationError("\(place) ended its answer before it was complete.", retry: .later)
        case .brokenOff(let reason):
            GenerationError(
                "\(place) broke off its text: it ended for the reason `\(quoted(reason))`, which no "
                    + "whole text has.", retry: .later)
        case .openThinking:
            GenerationError(
                "\(place) sends what the model thinks as part of its text, without saying where it "
                    + "begins. Have the server keep it apart (llama.cpp: `--reasoning-format`, vLLM: "
                    + "`--reasoning-parser`), or switch thinking off.", retry: .never)
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
        case .reported(let message) where isFirst && message.status != nil:
            explain(
                status: message.status ?? 0, message,
                RetryAdvice(status: message.status ?? 0, message: message) { _ in nil }.retry)
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
        if let status = message.status {
            return RetryAdvice.isTransient(status) ? .later : .never
        }
        return message.type == "invalid_request_error" ? .never : .later
    }

    /// Somebody else's text as part of a sentence: one line, not too long, without the key and a
    /// full stop.
    func quoted(_ text: String) -> String {
        let visible = settings.key?.hidden(in: text) ?? text
        let words = visible.split { character in
            character.isWhitespace || character.unicodeScalars.contains { $0.value < 0x20 }
        }
        var line = words.joined(separator: " ")
        if line.count > Self.maximumQuote { line = line.prefix(Self.maximumQuote) + "…" }
        while let last = line.last, last == "." || last == "!" { line.removeLast() }
        return line
    }

    private static func seconds(_ count: Double) -> String {
        let number = count == count.rounded() && count < 1e9 ? "\(Int(count))" : "\(count)"
        return number == "1" ? "1 second" : "\(number) seconds"
    }
}
