internal import HTTPClient

// The sentences for the person who waits: what happened, with which provider, and what helps. Also
// the policy for retries: an error of the request itself is never tried again. An error that passes
// by itself is tried again later, or when the provider says.
extension Provider {
    /// The most characters of a provider's own text in a sentence.
    private static let maximumQuote = 300

    /// The provider's name in sentences, with its URL and the proxy to it.
    var place: String {
        "\(name) at \(settings.shownURL)" + (proxy.map { " (through \(Self.shown($0)))" } ?? "")
    }

    private var proxy: ProxySettings.Proxy? { client.proxy(for: settings.url) }

    private static func shown(_ proxy: ProxySettings.Proxy) -> String {
        "the proxy \(proxy.shownURL) of \(proxy.source)"
    }

    /// Makes the error for a proxy that cannot be reached; `nil` for other errors, or without a
    /// proxy.
    private func explainProxy(_ kind: ClientError.Kind, _ why: String) -> GenerationError? {
        guard let proxy, [.cannotConnect, .cannotResolve, .connectTimeout].contains(kind) else {
            return nil
        }
        return GenerationError(
            "\(name) at \(settings.shownURL) is asked through \(Self.shown(proxy)), to which there is "
                + "no connection (\(why)). Check \(proxy.source) and no_proxy, or set --provider-proxy.",
            retry: .later)
    }

    /// Makes the error for a connection that failed.
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

    /// Makes the error for a status that is not that of a success.
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

    /// Makes the error for a faulty answer that has the status of a success.
    ///
    /// If no part of the answer was usable (`isFirst`), the server is probably the wrong one.
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

    /// Returns whether to try again after an error that was reported within an answer.
    private static func retry(after message: ProviderMessage) -> GenerationError.Retry {
        if let status = message.status {
            return RetryAdvice.isTransient(status) ? .later : .never
        }
        return message.type == "invalid_request_error" ? .never : .later
    }

    /// Makes a provider's text fit for a sentence: one line of limited length, without the key and
    /// without a full stop.
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
