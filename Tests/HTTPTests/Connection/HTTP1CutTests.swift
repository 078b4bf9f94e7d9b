import Foundation
import TestSupport
import Testing

@testable import HTTP

/// What a peer receives must not depend on how its bytes were cut, nor on the order in which
/// readiness, answers and timers came.
///
/// `MARTLET_LONG=1` plays 100,000 runs; `MARTLET_SEED=N` plays the one that failed.
@Suite(.timeLimit(.minutes(30)))
struct `A connection of HTTP 1` {
    private static let all = Fixture.corpus + Fixture.malformed
    private static let longCount: UInt64 = 100_000
    private static let shortCount: UInt64 = 2_000

    private static var seeds: Range<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["MARTLET_SEED"].flatMap({ UInt64($0) }) { return seed..<seed + 1 }
        return 0..<(environment["MARTLET_LONG"] == "1" ? longCount : shortCount)
    }

    @Test(arguments: all, [SimulatedServer.Way.collected, .pieces])
    func `answers alike however a request is cut`(_ fixture: Fixture, way: SimulatedServer.Way) {
        let server = SimulatedServer(way: way)
        let whole = Self.played([fixture.bytes], server)
        for cut in 1..<fixture.bytes.count {
            let halves = [Array(fixture.bytes[..<cut]), Array(fixture.bytes[cut...])]
            #expect(Self.played(halves, server) == whole, "cut at \(cut)")
        }
        #expect(Self.played(fixture.bytes.map { [$0] }, server) == whole)
    }

    @Test(arguments: Fixture.malformed)
    func `refuses a malformed request with the status in its name`(_ fixture: Fixture) {
        for way in [SimulatedServer.Way.collected, .pieces] {
            let bytes = Self.played([fixture.bytes], SimulatedServer(way: way))
            let text = String(decoding: bytes, as: UTF8.self)
            let statuses = text.matches(of: #/HTTP/1\.1 ([0-9]{3}) /#).map { $0.output.1 }
            #expect(statuses.filter { $0 != "100" } == ["\(fixture.status ?? 0)"])
            #expect(text.contains("Connection: close\r\n"))
        }
    }

    @Test func `answers alike in whatever order things happen`() {
        for seed in Self.seeds {
            let (server, input) = Self.scenario(seed)
            let whole = Self.played([input], server)
            var connection = SimulatedConnection(
                [input], server: server, order: .shuffled(seed: seed))
            let end = connection.run()
            guard connection.received == whole, end.isExpected else {
                Self.report(seed, end, input, whole, connection.received)
                return
            }
        }
    }

    @Test func `ends by a time limit when its peer falls silent, and has said nothing else`() {
        for seed in Self.seeds {
            let (server, input) = Self.scenario(seed)
            let whole = Self.played([input], server)
            var connection = SimulatedConnection(
                [input], server: server, order: .shuffled(seed: seed),
                silentAfter: Int(seed % 41))
            let end = connection.run()
            guard end.isExpected, Self.isPart(connection.received, of: whole) else {
                Self.report(seed, end, input, whole, connection.received)
                return
            }
        }
    }

    /// What the peer receives of an orderly connection.
    private static func played(_ pieces: [[UInt8]], _ server: SimulatedServer) -> [UInt8] {
        var connection = SimulatedConnection(pieces, server: server)
        let end = connection.run()
        #expect(end.isExpected)
        return connection.received
    }

    /// One to four requests of the corpus, the last of which may be malformed.
    private static func scenario(_ seed: UInt64) -> (SimulatedServer, [UInt8]) {
        var numbers = SeededNumbers(seed: ~seed)
        var input: [UInt8] = []
        for _ in 0..<Int.random(in: 0...3, using: &numbers) {
            input += Fixture.corpus.randomElement(using: &numbers)?.bytes ?? []
        }
        input += all.randomElement(using: &numbers)?.bytes ?? []
        return (SimulatedServer(variant: numbers.next() % 16), input)
    }

    /// Whether these answers are a beginning of those, perhaps with a 408 behind it, of which the
    /// peer may have taken only a part.
    private static func isPart(_ answers: [UInt8], of whole: [UInt8]) -> Bool {
        if whole.starts(with: answers) { return true }
        let status = Array("HTTP/1.1 408 Request Timeout\r\n".utf8)
        let begin = Array("HTTP/1.1 ".utf8)
        return (0...whole.count).contains { index in
            let isBoundary = index == whole.count || whole[index...].starts(with: begin)
            guard isBoundary, answers.starts(with: whole[..<index]) else { return false }
            let rest = answers[index...]
            return rest.starts(with: status) || status.starts(with: rest)
        }
    }

    /// Says what to do to see a failure again.
    private static func report(
        _ seed: UInt64, _ end: SimulatedConnection.End, _ input: [UInt8], _ whole: [UInt8],
        _ received: [UInt8]
    ) {
        func text(_ bytes: [UInt8]) -> String {
            String(decoding: bytes, as: UTF8.self).debugDescription
        }
        Issue.record(
            """
            MARTLET_SEED=\(seed) plays it again; it is \(end).
            input: \(text(input))
            whole: \(text(whole))
            shuffled: \(text(received))
            """)
    }
}
