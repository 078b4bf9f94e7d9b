internal import Configuration
internal import HTTPClient
internal import Reactor
internal import Verbs

/// `martlet tail`: shows events as they come, and comes back when it is cut off.
///
/// The cursor is the id of the last whole block, so that after a cut the log gives what was missed,
/// each event once. Transient events have no id and are not in the log.
struct TailVerb {
    /// Names of the hub's own events, which say something of the stream.
    private static let control: Set = [
        "connected", "live", "keepalive", "subscribed", "reset", "closing", "token_expiring",
    ]

    /// The resources have ended, so that nothing more can come.
    private struct Ended: Error {}

    private let command: VerbCommand
    private let hub: HubCaller
    private let screen = EventScreen()

    init(_ command: VerbCommand, _ hub: HubCaller) {
        self.command = command
        self.hub = hub
    }

    func run() async throws {
        OutputWatch.start()
        var backoff = Backoff()
        var cursor = command.since
        var wasOpen = false
        while true {
            var reason = "the stream ended"
            do {
                let response = try await hub.open(target(cursor, isFirst: !wasOpen), cursor: cursor)
                if wasOpen { note("connected again") }
                wasOpen = true
                try await follow(response, &cursor, &backoff, &reason)
            } catch is Ended {
                return
            } catch let error as ClientError {
                guard wasOpen else { throw error }
                reason = "\(error)"
            } catch let refusal as HubCaller.Refusal {
                guard wasOpen, refusal.status == 429 || refusal.status >= 500 else { throw refusal }
                if let wait = refusal.retryAfter { backoff.advice = max(backoff.advice, wait) }
                reason = "\(refusal)"
            }
            let wait = backoff.next()
            note("cut off: \(reason) Next try in \(Int((wait * 10).rounded()) / 10) s.")
            try await Task.sleep(for: .seconds(wait))
        }
    }

    private func target(_ cursor: String?, isFirst: Bool) -> String {
        let selectors = command.resources.map(HubCaller.encoded).joined(separator: ",")
        var target = "/stream?resources=\(selectors)"
        if let events = command.events { target += "&events=\(HubCaller.encoded(events))" }
        if isFirst, let rewind = command.rewind { target += "&rewind=\(rewind)" }
        return target
    }

    /// Shows a stream until its end.
    private func follow(
        _ response: ClientResponse, _ cursor: inout String?, _ backoff: inout Backoff,
        _ reason: inout String
    ) async throws {
        var reader = EventStreamReader()
        var pieces = response.body.makeAsyncIterator()
        while let piece = try await pieces.next() {
            for block in reader.append(piece) {
                if let retry = block.retry { backoff.advice = Double(retry) / 1000 }
                if Self.control.contains(block.event) {
                    try take(control: block, &reason, &backoff)
                } else if let envelope = Members(block.data) {
                    try show(block, envelope)
                }
                if let id = block.id, !id.isEmpty { cursor = id }
            }
            try screen.output.flush()
        }
    }

    private func take(
        control block: EventStreamReader.Block, _ reason: inout String, _ backoff: inout Backoff
    ) throws {
        let members = Members(block.data)
        switch block.event {
        case "connected": backoff.succeed()
        case "reset":
            let cause = members?.string("reason") ?? "unknown"
            note("events were lost: the log cannot go on from the cursor (\(cause)).")
        case "closing":
            let cause = members?.string("reason") ?? "unknown"
            reason = "the hub ends the stream (\(cause))."
            if cause == "end" {
                // What came before it in the same piece is still in the buffer.
                try screen.output.flush()
                throw Ended()
            }
        default: break
        }
    }

    private func show(_ block: EventStreamReader.Block, _ envelope: Members) throws {
        if command.isJSON {
            let json = EventText.json(event: block.event, id: block.id, envelope: envelope)
            try screen.output.write(json + [10])
        } else if block.event == "job_update", screen.width != nil,
            let job = envelope.object("data")
        {
            try screen.show(job: job)
        } else {
            try screen.show(
                line: EventText.line(
                    event: block.event, envelope: envelope, isColoured: screen.isColoured))
        }
    }

    private func note(_ text: String) {
        Process.printError("martlet: \(text)")
    }
}
