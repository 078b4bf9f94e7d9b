import Glibc
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5)))
struct `The log` {
    @Test(arguments: [
        (Log.Level.debug, ["debug", "info", "warning", "error"]),
        (.info, ["info", "warning", "error"]),
        (.warning, ["warning", "error"]),
        (.error, ["error"]),
    ])
    func `writes its level and what is above`(level: Log.Level, written: [String]) {
        let pipe = Pipe()
        let log = Log(level: level, descriptor: pipe.writer)
        log.debug("One")
        log.info("One")
        log.warning("One")
        log.error("One")
        let levels = pipe.lines().map { String($0.split(separator: " ")[1]) }
        #expect(levels == written)
    }

    @Test func `does not evaluate the fields of a line that is not written`() {
        var evaluated = false
        func value() -> Int {
            evaluated = true
            return 1
        }
        let pipe = Pipe()
        Log(level: .info, descriptor: pipe.writer).debug("Hidden", ["value": value()])
        #expect(!evaluated)
        #expect(pipe.lines().isEmpty)
    }

    @Test func `drops lines instead of waiting, and says so when it can write again`() throws {
        let pipe = Pipe()
        let log = Log(descriptor: pipe.writer)
        let padding = String(repeating: "x", count: 1000)
        for number in 0..<200 {
            log.info("Many", ["number": number, "padding": padding])
        }
        let kept = pipe.lines()
        #expect(!kept.isEmpty && kept.count < 200)
        #expect(kept.allSatisfy { $0.hasSuffix(padding) })

        log.info("Again")
        let after = pipe.lines()
        try #require(after.count == 2)
        #expect(after[0].hasSuffix("warning Log lines were lost lost=\(200 - kept.count)"))
        #expect(after[1].hasSuffix(" Again"))
    }

    @Test func `survives a reader that went away`() {
        let pipe = Pipe()
        pipe.closeReader()
        Log(descriptor: pipe.writer).error("Unheard")
    }

    @Test func `keeps lines whole when many threads write`() async {
        let pipe = Pipe()
        let log = Log(format: .json, descriptor: pipe.writer)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for line in 0..<20 { log.info("Busy", ["task": task, "line": line]) }
                }
            }
        }
        let lines = pipe.lines()
        #expect(lines.count == 160)
        #expect(Set(lines).allSatisfy { $0.hasPrefix("{\"time\"") && $0.hasSuffix("}") })
    }
}

/// A pipe of the kernel's default size, 64 KiB, whose reader never waits.
private final class Pipe {
    let writer: Int32
    private var reader: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            preconditionFailure("pipe failed with errno \(errno): raise the descriptor limit")
        }
        (reader, writer) = (ends[0], ends[1])
        _ = fcntl(reader, F_SETFL, Int32(O_NONBLOCK))
    }

    deinit {
        closeReader()
        close(writer)
    }

    func closeReader() {
        if reader >= 0 { close(reader) }
        reader = -1
    }

    /// The lines that wait in the pipe.
    func lines() -> [String] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(reader, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
