internal import Configuration
internal import Reactor
internal import Verbs

/// `martlet status`: how a hub is.
struct StatusVerb {
    private let command: VerbCommand
    private let hub: HubCaller

    init(_ command: VerbCommand, _ hub: HubCaller) {
        self.command = command
        self.hub = hub
    }

    func run() async throws {
        _ = try await hub.call("GET", "/health")
        let answer = try await hub.call("GET", "/events/status")
        if command.isJSON { return Process.printLine(String(decoding: answer, as: UTF8.self)) }
        guard let status = Members(answer) else {
            throw CommandFailure(ExitCode.unavailable, "\(hub.url) is no hub.")
        }
        let output = Output()
        let number = { (name: String) in String(Int(status.number(name) ?? 0)) }
        try output.writeLine(
            "martlet \(status.string("version") ?? "?") at \(hub.url): "
                + "\(status.string("status") ?? "?"), up for \(number("uptime_seconds")) s")
        try output.writeLine(
            "streams    \(number("connections")), subscribed to \(number("resources")) resources")
        try output.writeLine(
            "events     \(number("published")) published, \(number("delivered")) delivered, "
                + "\(number("dropped")) dropped, \(number("cut_off")) streams cut off")
        try output.writeLine(
            "jobs       \(number("jobs_running")) running, \(number("jobs_queued")) queued, "
                + "\(number("jobs_scheduled")) scheduled")
        if let head = status.string("head") { try output.writeLine("head       \(head)") }
        try output.flush()
    }
}
