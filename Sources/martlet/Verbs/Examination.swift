internal import HTTPClient
internal import JSON
internal import Verbs

/// The steps of `martlet doctor`: what it sends, and what it measures.
struct Examination {
    /// Seconds for what must come at once.
    private static let limit = 3.0
    /// The bytes of a payload that is near the hub's own bound.
    private static let largePayload = 250 << 10

    let hub: HubCaller
    let hasToken: Bool
    let origin: String
    let isOwnOrigin: Bool
    let quietSeconds: Double
    private let resource = "doctor:\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    private var path: String { "/stream?resources=\(resource)" }

    init(hub: HubCaller, hasToken: Bool, origin: String, isOwnOrigin: Bool, quietSeconds: Double) {
        self.hub = hub
        self.hasToken = hasToken
        self.origin = origin
        self.isOwnOrigin = isOwnOrigin
        self.quietSeconds = quietSeconds
    }

    /// Examines the hub.
    ///
    /// - Throws: `ClientError` when nothing answers; `Refusal` when the credentials do not suffice.
    func run() async throws -> (proxy: ProxyKind?, findings: [Finding]) {
        let health = try await hub.send("GET", "/health")
        let isSecure = hub.url.hasPrefix("https:")
        var proxy = ProxyKind(fields: health.fields, isSecure: isSecure)
        let body = (try? await health.collect(upTo: 1 << 20)) ?? []
        if let fault = reachFault(health.status, Members(body)) { return (proxy, [fault]) }
        let version = Members(body)?.string("version") ?? "?"
        var findings = [Finding(.reach, .good, "Martlet \(version) answers.")]

        let quiet = StreamProbe()
        if quietSeconds > 0 { await quiet.open(hub, path + "-quiet&keepalive=300") }
        let main = StreamProbe()
        await main.open(hub, path)
        let connected = await main.block("connected", within: Self.limit)
        if let fault = try credentialsFault(await main.refusal) {
            await quiet.close()
            return (proxy, findings + [fault])
        }
        let opened = await main.status
        if let connected, opened == 200 {
            proxy = ProxyKind(fields: await main.fields, isSecure: isSecure) ?? proxy
            let keepalive = Members(connected.block.data)?.number("keepalive") ?? 30
            findings.append(Finding(.stream, .good, "A stream opens."))
            findings.append(try await eventsFinding(main))
            findings += await changeFindings(connected.block)
            await findings.append(cursorFinding())
            await findings += requestFindings()
            await findings.append(quietFinding(quiet, keepalive))
        } else {
            let seen = opened.map { "the status is \($0)" } ?? "not even a status comes"
            findings.append(
                Finding(
                    .stream, .fault,
                    "Nothing of a stream comes within 3 s (\(seen)): answers are buffered."))
        }
        await main.close()
        await quiet.close()
        findings.append(await compressionFinding())
        if !isSecure {
            findings.append(
                Finding(
                    .connections, .skipped,
                    "Over http a browser has six connections for all tabs, and each stream takes "
                        + "one; over https with HTTP/2 they share one."))
        }
        return (proxy, findings)
    }

    // MARK: - The way there

    private func reachFault(_ status: Int, _ answer: Members?) -> Finding? {
        if status == 421 {
            return Finding(
                .host, .fault, answer?.string("detail") ?? "The hub does not know the Host it gets."
            )
        }
        guard status == 200, answer?.string("status") != nil else {
            return Finding(
                .reach, .fault, "GET /health is answered \(status), and not by a hub.")
        }
        return nil
    }

    private func credentialsFault(_ refusal: HubCaller.Refusal?) throws -> Finding? {
        guard let refusal else { return nil }
        guard [401, 403].contains(refusal.status) else { return nil }
        if refusal.status == 401, hasToken,
            refusal.problem?.string("reason") == "missing"
        {
            return Finding(
                .credentials, .fault,
                "The hub gets no credentials, though Authorization was sent: it is taken out.")
        }
        throw Self.lacksRights(refusal)
    }

    private static func lacksRights(_ refusal: HubCaller.Refusal) -> CommandFailure {
        CommandFailure(
            ExitCode.notAllowed,
            "\(refusal) doctor needs the rights to subscribe and to publish to doctor:*.")
    }

    // MARK: - Streams

    private func eventsFinding(_ main: StreamProbe) async throws -> Finding {
        var delays: [Double?] = []
        for number in 0..<4 {
            let count = await main.blocks.count
            do { _ = try await publish(resource, "\(number)") } catch {
                // A proxy may refuse as well, but knows no reasons.
                if let refusal = error as? HubCaller.Refusal,
                    refusal.status == 403, refusal.problem?.string("reason") != nil
                {
                    throw Self.lacksRights(refusal)
                }
                return Finding(.events, .fault, "Publishing is refused: \(error)")
            }
            // From the publisher's answer on, so that the way of a far network does not count.
            let start = ContinuousClock.now
            let block = await main.block("message", after: count, within: Self.limit)
            delays.append(block.map { max(0, ($0.at - start) / .seconds(1)) })
            if block == nil { break }
        }
        return Judgement.events(delays, limit: Self.limit)
    }

    private func changeFindings(_ connected: EventStreamReader.Block) async -> [Finding] {
        let connection = Members(connected.data)?.string("connection") ?? ""
        let body = Array("{\"add\":[\"\(resource)-more\"]}".utf8)
        let patch = await changeStatus("/stream/\(connection)", body)
        let head = await status("HEAD", path)
        return [
            Judgement.method(.change, "PATCH", status: patch, allowed: [200]),
            Judgement.method(.head, "HEAD", status: head, allowed: [200]),
        ]
    }

    /// - Returns: the status; 200 also where the hub itself refuses for want of a subject.
    private func changeStatus(_ path: String, _ body: [UInt8]) async -> Int? {
        guard let answer = try? await hub.send("PATCH", path, body: body) else { return nil }
        guard answer.status == 403 else { return answer.status }
        let refusal = await HubCaller.refusal(answer)
        return refusal.problem?.string("reason") == "scope" ? 200 : answer.status
    }

    private func cursorFinding() async -> Finding {
        guard let first = try? await publish(resource, "\"first\""),
            (try? await publish(resource, "\"second\"")) != nil
        else { return Finding(.cursor, .skipped, "Nothing could be published.") }
        let byField = await isResumed(path, [("Last-Event-ID", first)])
        let byQuery = await isResumed(path + "&last_event_id=\(first)", [])
        return Judgement.cursor(byField: byField, byQuery: byQuery)
    }

    private func isResumed(
        _ path: String, _ fields: [(name: String, value: String)]
    ) async -> Bool {
        let probe = StreamProbe()
        await probe.open(hub, path, fields: fields)
        let block = await probe.block("connected", within: Self.limit)
        await probe.close()
        return block.flatMap { Members($0.block.data)?.boolean("resumed") } == true
    }

    private func compressionFinding() async -> Finding {
        let probe = StreamProbe()
        await probe.open(hub, path, fields: [("Accept-Encoding", "gzip, br, zstd")])
        _ = await probe.wait(Self.limit) { $0.status != nil || $0.end != nil }
        let coding = await probe.field("content-encoding")
        await probe.close()
        return Finding(
            .compression, coding == nil, good: "Streams are not compressed on the way.",
            fault: "A stream is compressed (\(coding ?? "")), though the hub says no-transform: "
                + "a compressor may hold events back.")
    }

    private func quietFinding(_ quiet: StreamProbe, _ keepalive: Double) async -> Finding {
        _ = await quiet.wait(quietSeconds + Self.limit) { [quietSeconds] probe in
            guard let last = probe.lastByte else { return probe.end != nil }
            return probe.end != nil || ContinuousClock.now - last > .seconds(quietSeconds)
        }
        guard let last = await quiet.lastByte, let end = await quiet.end else {
            return Judgement.quiet(cut: nil, watched: quietSeconds, keepalive: keepalive)
        }
        return Judgement.quiet(
            cut: (end - last) / .seconds(1), watched: quietSeconds, keepalive: keepalive)
    }

    // MARK: - Requests

    private func requestFindings() async -> [Finding] {
        await [urlFinding(), originFinding(), bodyFinding(), cacheFinding(), streamsFinding()]
    }

    private func urlFinding() async -> Finding {
        var statuses: [(length: Int, status: Int?)] = []
        for length in [900, 2000, 4000, 7600] {
            var target = path
            while target.utf8.count < length {
                let rest = min(120, max(8, length - target.utf8.count))
                target += ",doctor:" + String(repeating: "x", count: rest - 4) + "\(target.count)"
            }
            let probe = StreamProbe()
            await probe.open(hub, target)
            _ = await probe.wait(Self.limit) { $0.status != nil || $0.end != nil }
            statuses.append((target.utf8.count, await probe.status))
            await probe.close()
        }
        return Judgement.url(statuses)
    }

    private func originFinding() async -> Finding {
        guard !hasToken || !isOwnOrigin else {
            return Finding(.origins, .skipped, "Its own pages need no leave; try --origin.")
        }
        let fields = [
            (name: "Origin", value: origin),
            (name: "Access-Control-Request-Method", value: "PATCH"),
        ]
        let answers = [
            try? await hub.send("GET", "/state?resources=\(resource)", fields: [fields[0]]),
            try? await hub.send("OPTIONS", "/stream/doctor", fields: fields),
        ]
        let names = ["GET", "OPTIONS"]
        for (name, answer) in zip(names, answers)
        where answer?.field("Access-Control-Allow-Origin") == nil {
            let status = answer.map { String($0.status) } ?? "not at all"
            return Finding(
                .origins, .fault,
                "\(name) of a page of \(origin) is answered \(status) without "
                    + "Access-Control-Allow-Origin.")
        }
        return Finding(.origins, .good, "Pages of \(origin) may use it.")
    }

    private func bodyFinding() async -> Finding {
        let text = "\"" + String(repeating: "x", count: Self.largePayload) + "\""
        do {
            _ = try await publish(resource + "-large", text, isTransient: true)
            return Finding(.body, .good, "A body of 250 KiB passes.")
        } catch {
            return Finding(.body, .fault, "A body of 250 KiB does not pass: \(error)")
        }
    }

    private func cacheFinding() async -> Finding {
        let name = resource + "-state"
        var states: [String?] = []
        for number in 0..<2 {
            guard let id = try? await publish(name, "\(number)", isRetained: true),
                let answer = try? await hub.call("GET", "/state?resources=\(name)")
            else { return Finding(.cache, .skipped, "The state cannot be read.") }
            let isFresh = String(decoding: answer, as: UTF8.self).contains("\"\(id)\"")
            states.append(isFresh ? id : nil)
        }
        return Finding(
            .cache, !states.contains(nil), good: "Answers are not cached.",
            fault: "GET /state gives an older answer after a publish: answers are cached.")
    }

    private func streamsFinding() async -> Finding {
        let probes = (0..<8).map { _ in StreamProbe() }
        for probe in probes { await probe.open(hub, path) }
        var open = 0
        for probe in probes where await probe.block("connected", within: Self.limit) != nil {
            open += 1
        }
        let small = await status("GET", "/health")
        for probe in probes { await probe.close() }
        return Finding(
            .streams, open == probes.count && small == 200,
            good: "8 streams at once and a request beside them are served.",
            fault: "Of 8 streams at once \(open) are served; a request beside them is answered "
                + "\(small.map(String.init) ?? "not at all").")
    }

    private func status(_ method: String, _ path: String, body: [UInt8]? = nil) async -> Int? {
        try? await hub.send(
            method, path, body: body, timeouts: .init(stall: Self.limit, total: 2 * Self.limit)
        ).status
    }

    /// - Returns: the event's id; empty for a transient one.
    private func publish(
        _ resource: String, _ data: String, isRetained: Bool = false, isTransient: Bool = false
    ) async throws -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("resource", resource)
        if isRetained { writer.member("retain", true) }
        if isRetained { writer.member("ttl", 60) }
        if isTransient { writer.member("transient", true) }
        writer.member("data", json: Array(data.utf8))
        writer.endObject()
        let answer = try await hub.call("POST", "/broadcast", body: writer.bytes)
        return Members(answer)?.string("id") ?? ""
    }
}
