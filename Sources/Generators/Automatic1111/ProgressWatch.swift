internal import HTTPClient
internal import JSON
internal import Synchronization

/// Asks an AUTOMATIC1111 server again and again how far a task is.
final class ProgressWatch: Sendable {
    /// Seconds for one answer: it is short, and the next is asked for soon.
    private static let patience = 10.0
    private static let longestReply = 1 << 20

    /// Where the progress is to be had; the first that exists.
    private enum Source: Sendable {
        /// Of one task, in the web UI itself.
        case task
        /// Of the whole server, in the interface for others.
        case server
    }

    private let provider: Provider
    private let task: String
    private let interval: Duration
    private let isQueued = Atomic(false)

    init(_ provider: Provider, task: String, interval: Duration) {
        self.provider = provider
        self.task = task
        self.interval = interval
    }

    /// Whether the server works at the task, as far as is known.
    var mayBeRunning: Bool { !isQueued.load(ordering: .relaxed) }

    /// Runs until the task is cancelled, and tells of each step forward.
    ///
    /// - Returns: an error when the server did not answer for as long as it may be silent; `nil` when it
    ///   cannot tell how far it is, or on cancellation.
    func run(_ report: (ImageProgress) -> Void) async -> GenerationError? {
        let clock = ContinuousClock()
        var lastAnswer = clock.now
        var source = Source.task
        var reached = 0.0
        while !Task.isCancelled {
            do throws(ClientError) {
                let response = try await provider.client.send(request(source))
                let body = try await response.collect(upTo: Self.longestReply)
                lastAnswer = clock.now
                if response.status == 404 || response.status == 405 {
                    guard source == .task else { return nil }
                    source = .server
                    continue
                }
                if response.status == 200, let progress = read(body), progress.fraction > reached {
                    reached = progress.fraction
                    report(progress)
                }
            } catch {
                let allowed = provider.settings.timeouts.stall
                if allowed > 0, lastAnswer.duration(to: clock.now) > .seconds(allowed) {
                    let silence = ClientError(.stalled, reason: "no answer")
                    return provider.explain(silence, provider.settings.timeouts)
                }
            }
            try? await Task.sleep(for: interval)
        }
        return nil
    }

    private func request(_ source: Source) -> ClientRequest {
        let limits = provider.settings.timeouts
        let timeouts = ClientRequest.Timeouts(
            connect: limits.connect, stall: limits.stall, total: Self.patience)
        let authorization = provider.settings.key?.basicOrBearer
        switch source {
        case .task:
            return provider.post(
                "/internal/progress", accept: "application/json", timeouts: timeouts,
                authorization: authorization
            ) { json in
                json.key("id_task")
                json.string(task)
                // No preview.
                json.key("id_live_preview")
                json.integer(-1)
            }
        case .server:
            return ClientRequest(
                "GET", provider.settings.url + "/sdapi/v1/progress?skip_current_image=true",
                fields: authorization.map { [("Authorization", $0)] } ?? [], timeouts: timeouts)
        }
    }

    /// Both endpoints' answers: `progress` with `eta` or `eta_relative`; null while the task has not begun.
    private func read(_ body: [UInt8]) -> ImageProgress? {
        var fraction: Double?
        var remaining: Double?
        var isQueued = false
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.readMembers { (reader, key) throws(JSONError) in
                switch key {
                case "progress": fraction = try reader.readAmount()
                case "eta", "eta_relative": remaining = try reader.readAmount()
                case "queued": isQueued = try reader.readIsTrue()
                default: break
                }
            }
        } catch {
            return nil
        }
        self.isQueued.store(isQueued, ordering: .relaxed)
        guard let fraction, fraction > 0 else { return nil }
        // The last step is that the picture is here.
        return ImageProgress(
            fraction: min(fraction, 0.99), remaining: remaining.map { max(0, $0) })
    }
}
