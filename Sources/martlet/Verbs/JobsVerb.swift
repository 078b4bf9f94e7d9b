internal import Configuration
internal import HTTPClient
internal import Reactor
internal import Verbs

/// `martlet jobs`: lists jobs, and shows, cancels, restarts or watches one.
struct JobsVerb {
    private static let path = "/api/v1/jobs"

    private let command: VerbCommand
    private let hub: HubCaller

    init(_ command: VerbCommand, _ hub: HubCaller) {
        self.command = command
        self.hub = hub
    }

    /// - Returns: the exit code.
    func run() async throws -> Int32 {
        let job = Self.path + "/" + HubCaller.encoded(command.job ?? "")
        switch command.jobAction {
        case .list, nil: try await list()
        case .show: try show(try await hub.call("GET", job))
        case .cancel: try show(try await hub.call("POST", job + "/cancel"))
        case .restart: try show(try await hub.call("POST", job + "/restart"))
        case .watch: return try await watch(job)
        }
        return ExitCode.ok
    }

    private func list() async throws {
        let filters = [
            ("state", command.state), ("kind", command.kind),
            ("limit", command.limit.map(String.init)),
        ].compactMap { name, value in value.map { "\(name)=\(HubCaller.encoded($0))" } }
        let query = filters.isEmpty ? "" : "?" + filters.joined(separator: "&")
        let answer = try await hub.call("GET", Self.path + query)
        if command.isJSON { return Process.printLine(String(decoding: answer, as: UTF8.self)) }
        let output = Output()
        let width = output.terminalWidth ?? 200
        for job in Members(answer)?.objects("jobs") ?? [] {
            try output.writeLine(EventText.bar(job: job, width: width))
        }
        try output.flush()
    }

    private func show(_ row: [UInt8]) throws {
        if command.isJSON { return Process.printLine(String(decoding: row, as: UTF8.self)) }
        guard let job = Members(row) else { return }
        let output = Output()
        try output.writeLine(EventText.bar(job: job, width: output.terminalWidth ?? 200))
        for name in [
            "step", "attempt", "max_attempts", "elapsed_seconds", "eta_seconds", "total_tokens",
            "tokens_per_second", "created_at", "started_at", "finished_at", "model", "error",
        ] {
            guard let value = job.json(name), value != Array("null".utf8) else { continue }
            let shown = String(decoding: EventText.visible(value), as: UTF8.self)
            try output.writeLine("  \(name): \(shown)")
        }
        try output.flush()
    }

    /// Shows a job until it is over.
    private func watch(_ path: String) async throws -> Int32 {
        OutputWatch.start()
        let screen = EventScreen()
        var backoff = Backoff()
        var wasOpen = false
        while true {
            do {
                let response = try await hub.open(path + "/progress", cursor: nil)
                wasOpen = true
                if let code = try await follow(response, screen, &backoff) { return code }
            } catch let error as ClientError {
                guard wasOpen else { throw error }
            } catch let refusal as HubCaller.Refusal {
                guard wasOpen, refusal.status == 429 || refusal.status >= 500 else { throw refusal }
            }
            try await Task.sleep(for: .seconds(backoff.next()))
        }
    }

    /// - Returns: the exit code; `nil` when the stream ended before the job.
    private func follow(
        _ response: ClientResponse, _ screen: EventScreen, _ backoff: inout Backoff
    ) async throws -> Int32? {
        var reader = EventStreamReader()
        var pieces = response.body.makeAsyncIterator()
        while let piece = try await pieces.next() {
            for block in reader.append(piece) {
                if block.event == "connected" { backoff.succeed() }
                guard block.event == "job_update",
                    let row = Members(block.data)?.json("data"), let job = Members(row)
                else { continue }
                if command.isJSON {
                    try screen.output.write(row + [10])
                } else {
                    try screen.show(job: job)
                }
                try screen.output.flush()
                if job.hasEnded {
                    return job.string("state") == "succeeded" ? ExitCode.ok : ExitCode.no
                }
            }
        }
        return nil
    }
}
