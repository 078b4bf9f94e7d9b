internal import HTTPClient
internal import JSON

/// Polls an AUTOMATIC1111 server for the progress of a task.
final class ProgressWatch: Sendable {
    /// The most seconds for one answer, which is short and soon followed by the next.
    private static let patience = 10.0
    private static let maximumReply = 1 << 20

    /// Where to ask for the progress; the first one that exists is used.
    private enum Source: Sendable {
        /// The progress of one task, from the web UI itself.
        case task
        /// The progress of the whole server, from the interface for other programs.
        case server
    }

    private let provider: Provider
    private let task: String
    private let interval: Duration

    init(_ provider: Provider, task: String, interval: Duration) {
        self.provider = provider
        self.task = task
        self.interval = interval
    }

    /// Whether the server works at the task now, which is assumed where the server does not tell.
    func isRunning(within seconds: Double) async -> Bool {
        var request = request(.task)
        request.timeouts = ClientRequest.Timeouts(connect: seconds, stall: 0, total: seconds)
        do throws(ClientError) {
            let response = try await provider.client.send(request)
            let body = try await response.collect(upTo: Self.maximumReply)
            guard response.status == 200 else { return true }
            return Self.isActive(body)
        } catch {
            return true
        }
    }

    private static func isActive(_ body: [UInt8]) -> Bool {
        var isActive = true
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.readMembers { (reader, key) throws(JSONError) in
                guard key == "active" else { return }
                isActive = try reader.readIsTrue()
            }
        } catch {
            return true
        }
        return isActive
    }

    /// Reports each step forward until the task is cancelled.
    ///
    /// - Returns: an error when the server did not answer for longer than it may be silent; `nil`
    ///   on cancellation, or when the server does not report progress.
    func run(_ report: (ImageProgress) -> Void) async -> GenerationError? {
        let clock = ContinuousClock()
        var lastAnswer = clock.now
        var source = Source.task
        var reached = 0.0
        while !Task.isCancelled {
            do throws(ClientError) {
                let response = try await provider.client.send(request(source))
                let body = try await response.collect(upTo: Self.maximumReply)
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
                authorization: authorization, isRepeatable: true
            ) { json in
                json.member("id_task", task)
                // Without a preview.
                json.member("id_live_preview", -1)
            }
        case .server:
            return ClientRequest(
                "GET", provider.settings.url + "/sdapi/v1/progress?skip_current_image=true",
                fields: authorization.map { [("Authorization", $0)] } ?? [], timeouts: timeouts)
        }
    }

    /// Reads an answer of either endpoint, which has `progress` with `eta` or `eta_relative`.
    ///
    /// The values are null while the task has not begun.
    private func read(_ body: [UInt8]) -> ImageProgress? {
        var fraction: Double?
        var remaining: Double?
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.readMembers { (reader, key) throws(JSONError) in
                switch key {
                case "progress": fraction = try reader.readAmount()
                case "eta", "eta_relative": remaining = try reader.readAmount()
                default: break
                }
            }
        } catch {
            return nil
        }
        guard let fraction, fraction > 0 else { return nil }
        // The last step is the arrival of the picture.
        return ImageProgress(
            fraction: min(fraction, 0.99), remaining: remaining.map { max(0, $0) })
    }
}
