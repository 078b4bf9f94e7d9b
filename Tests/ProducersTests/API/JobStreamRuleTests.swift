import HubTestSupport
import Reactor
import Telemetry
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The rule of a job's stream` {
    private let encoding = EventEncoding(epoch: .random())

    private func frame(_ publication: Publication) -> EventFrame {
        encoding.frame(
            publication, sequence: publication.isTransient ? nil : 1,
            at: Timestamp(milliseconds: 0))
    }

    private func piece(_ attempt: Int, _ offset: Int, of job: String = "j") -> EventFrame {
        frame(.contentDelta(offset: offset, text: "x", of: job, attempt: attempt))
    }

    private func update(_ state: JobState, of id: String = "j") async throws -> EventFrame {
        let hub = RunnerFixture()
        let job = try await hub.broker.write { records throws(LogUnavailable) in
            var job = try records.jobs.insert(
                NewJob(kind: "story", input: [0x31]), id: id, at: records.now)
            job.state = state
            return (job, [])
        }
        return frame(.jobUpdate(job))
    }

    /// The event with the same bytes, as somebody else may publish it.
    private func forged(_ frame: EventFrame) throws -> EventFrame {
        let text = String(decoding: frame.members, as: UTF8.self)
        let data = try #require(text.firstRange(of: "\"data\":"))
        return self.frame(
            Publication(
                resources: frame.resources, name: try EventName(frame.name),
                data: Array(text[data.upperBound...].utf8), coalesceKey: frame.coalesceKey))
    }

    @Test(arguments: JobState.allCases)
    func `ends the stream with the job, and takes that back when it is queued again`(
        state: JobState
    ) async throws {
        let rule = JobStreamRule(job: "j", awaitsText: false)
        let update = try await update(state)
        let expected: Bool? = state.isFinal ? true : state == .queued ? false : nil
        #expect(rule.isLast(update) == expected)
        #expect(rule.takes(update))
        #expect(rule.isLast(try await self.update(state, of: "k")) == nil)
        #expect(rule.isLast(try forged(update)) == nil)
        #expect(try forged(update).members == update.members)
    }

    @Test func `takes a piece only as the first while it waits for the text`() {
        let rule = JobStreamRule(job: "j", awaitsText: true)
        #expect(!rule.takes(piece(1, 7)) && rule.awaitsText)
        #expect(rule.takes(piece(1, 0)) && !rule.awaitsText)
        #expect(rule.takes(piece(1, 4)))
        #expect(rule.isLast(piece(1, 8)) == nil)
    }

    @Test func `leaves out what the text so far has`() {
        let board = JobBoard()
        let progress = JobProgress(
            resuming: JobFigures(), past: JobPast(duration: nil, tokens: nil),
            at: Instant(milliseconds: 0))
        let rule = JobStreamRule(job: "j", awaitsText: true)
        #expect(rule.takeTextSoFar(from: board) == nil)
        board.add(progress, of: "j", attempt: 2)
        #expect(rule.takeTextSoFar(from: board) == nil && rule.awaitsText)
        progress.append("née")
        _ = progress.takeDelta()
        let text = rule.takeTextSoFar(from: board)
        #expect(text?.mark == .piece(attempt: 2, offset: 0) && !rule.awaitsText)
        #expect(text?.data == Array(#"{"offset":0,"text":"née"}"#.utf8))
        #expect(rule.takeTextSoFar(from: board) == nil)
        for (attempt, offset) in [(1, 9), (2, 0), (2, 3)] {
            #expect(!rule.takes(piece(attempt, offset)))
        }
        for (attempt, offset) in [(2, 4), (2, 9), (3, 0)] {
            #expect(rule.takes(piece(attempt, offset)))
        }
        #expect(rule.takes(piece(1, 0, of: "k")), "another job's text is not its affair")
    }

    @Test func `is not touched by what only looks like a piece`() throws {
        let rule = JobStreamRule(job: "j", awaitsText: true)
        for offset in [0, 7] {
            #expect(rule.takes(try forged(piece(9, offset))) && rule.awaitsText)
        }
        #expect(rule.takes(piece(1, 0)) && !rule.awaitsText)
    }
}
