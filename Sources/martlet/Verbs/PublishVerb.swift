internal import Configuration
internal import Glibc
internal import JSON
internal import Reactor
internal import Verbs

/// `martlet publish`: one event, or those of standard input.
struct PublishVerb {
    private let command: VerbCommand
    private let hub: HubCaller

    init(_ command: VerbCommand, _ hub: HubCaller) {
        self.command = command
        self.hub = hub
    }

    func run() async throws {
        guard !command.readsLines else { return try await publishLines() }
        let answer = try await hub.call("POST", "/broadcast", body: try body())
        let id = Members(answer)?.string("id")
        let shown = command.isJSON ? String(decoding: answer, as: UTF8.self) : id
        if let shown { Process.printLine(shown) }
    }

    private func body() throws -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("resources", command.resources)
        if let event = command.event { writer.member("event", event) }
        if command.isRetained { writer.member("retain", true) }
        if command.isTransient { writer.member("transient", true) }
        if command.isEnd { writer.member("end", true) }
        if let key = command.key { writer.member("key", key) }
        if let coalesce = command.coalesce { writer.member("coalesce", coalesce) }
        if let expect = command.expect { writer.member("expect", expect) }
        if let ttl = command.ttl { writer.member("ttl", ttl) }
        writer.member("data", json: try payload())
        writer.endObject()
        return writer.bytes
    }

    private func payload() throws -> [UInt8] {
        guard let text = command.data else { return Array("null".utf8) }
        var bytes = Array(text.utf8)
        if text == "-" {
            bytes = []
            while let piece = try StandardInput.piece() { bytes += piece }
        }
        var value: [UInt8] = []
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            try reader.copyValue(into: &value)
            try reader.finish()
        } catch {
            throw CommandFailure(
                ExitCode.usage, "--data is not JSON (\(error)); a text is written '\"text\"'.")
        }
        return value
    }

    /// Publishes whole lines as they come, many in a request when they come fast.
    private func publishLines() async throws {
        var published = 0
        var lineCount = 0
        var waiting: [UInt8] = []
        var isOpen = true
        while isOpen || !waiting.isEmpty {
            if let piece = try StandardInput.piece() {
                waiting += piece
            } else {
                isOpen = false
            }
            let end = isOpen ? waiting.lastIndex(of: 10).map { $0 + 1 } : waiting.count
            guard let end, end > 0 else { continue }
            let batch = Array(waiting[..<end])
            waiting.removeFirst(end)
            do {
                let answer = try await hub.call(
                    "POST", "/broadcast", body: batch, type: "application/x-ndjson")
                published += Int(Members(answer)?.number("published") ?? 0)
            } catch let refusal as HubCaller.Refusal {
                published += Int(refusal.problem?.number("published") ?? 0)
                let line = refusal.problem?.number("line").map { lineCount + Int($0) }
                Process.printError(
                    "martlet: \(published.counted("event")) published"
                        + (line.map { " before line \($0)" } ?? "") + ".")
                throw refusal
            }
            lineCount += batch.count { $0 == 10 }
        }
        Process.printLine(
            command.isJSON
                ? "{\"published\":\(published)}" : "\(published.counted("event")) published")
    }
}

/// Standard input in pieces.
private enum StandardInput {
    private static let size = 256 << 10

    /// Returns what has come, waiting for something; `nil` at the end.
    static func piece() throws(CommandFailure) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: size)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count >= 0 { return count == 0 ? nil : Array(buffer[..<count]) }
            guard errno == EINTR else {
                throw CommandFailure(
                    ExitCode.store, "standard input cannot be read (\(SystemError.text(errno))).")
            }
        }
    }
}
