internal import Configuration
internal import HTTPClient
internal import JSON
internal import Reactor
internal import Verbs

/// `martlet doctor`: uses a hub from outside and says what is wrong on the way to it.
struct DoctorVerb {
    private let command: VerbCommand
    private let hub: HubCaller

    init(_ command: VerbCommand, _ hub: HubCaller) {
        self.command = command
        self.hub = hub
    }

    /// - Returns: the exit code.
    func run() async throws -> Int32 {
        let examination = Examination(
            hub: hub, hasToken: command.token != nil || command.tokenFile != nil,
            origin: command.origin ?? ownOrigin, isOwnOrigin: command.origin == nil,
            quietSeconds: command.quietSeconds)
        let (proxy, seen) = try await examination.run()
        let findings = DoctorCheck.allCases.compactMap { check in
            seen.first { $0.check == check }?.mended(for: proxy)
        }
        let faults = findings.count { $0.outcome == .fault }
        if command.isJSON {
            Process.printLine(json(findings, proxy))
        } else {
            let way = proxy.map { "behind \($0.rawValue)" } ?? "direct or behind an unknown proxy"
            Process.printLine("\(hub.url), \(way)")
            for finding in findings {
                let sign = [.good: "✓", .fault: "✗", .skipped: "–"][finding.outcome] ?? ""
                Process.printLine("\(sign) \(finding.check.rawValue): \(finding.text)")
                if let remedy = finding.remedy { Process.printLine("    \(remedy)") }
            }
            Process.printLine(faults == 0 ? "No fault found." : "\(faults.counted("fault")).")
        }
        return faults == 0 ? ExitCode.ok : ExitCode.no
    }

    /// The scheme, host and port of the address.
    private var ownOrigin: String {
        let scheme = hub.url.hasPrefix("https:") ? "https://" : "http://"
        return scheme + hub.url.dropFirst(scheme.count).prefix { $0 != "/" }
    }

    private func json(_ findings: [Finding], _ proxy: ProxyKind?) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("url", hub.url)
        writer.member("proxy", proxy?.rawValue)
        writer.member("faults", findings.count { $0.outcome == .fault })
        writer.key("checks")
        writer.beginArray()
        for finding in findings {
            writer.beginObject()
            writer.member("check", finding.check.rawValue)
            writer.member("outcome", finding.outcome.rawValue)
            writer.member("text", finding.text)
            writer.member("remedy", finding.remedy)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
