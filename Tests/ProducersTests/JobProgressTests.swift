import Generators
import Reactor
import TestSupport
import Testing

@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The progress of a job` {
    private static let unknown = JobPast(duration: nil, tokens: nil)

    private static func at(_ milliseconds: UInt64) -> Instant {
        Instant(milliseconds: 1_000_000 + milliseconds)
    }

    private func progress(
        resuming figures: JobFigures = JobFigures(), past: JobPast = unknown
    ) -> JobProgress {
        JobProgress(resuming: figures, past: past, at: Self.at(0))
    }

    private let step = Step("writing", "Writing", weight: 1)

    // MARK: The share that is done

    @Test func `begins with a step's start and ends with its end`() {
        let progress = progress()
        let figures = progress.enter(step, range: .init(start: 20, end: 60))
        #expect(figures.progress == 20)
        #expect(figures.step == "writing" && figures.message == "Writing")
        #expect(progress.takeChange(at: Self.at(1)) == nil, "which its caller tells")
        progress.leaveStep()
        #expect(progress.takeChange(at: Self.at(2))?.progress == 60)
        #expect(progress.takeChange(at: Self.at(3)) == nil)
    }

    @Test func `rises with each token, past what was expected too, and never gets to the end`() {
        let progress = progress()
        _ = progress.enter(step, range: .init(start: 20, end: 60))
        progress.beginText(expecting: 100)
        var last = 20.0
        for number in 1...1_000 {
            progress.append("a")
            let now = progress.figures(at: Self.at(0)).progress
            #expect(now >= last && now < 60)
            if number == 50 { #expect(now == 40) }
            if number == 90 { #expect(now == 56) }
            last = now
        }
        #expect(last > 59)
        progress.endText(TextResult(ending: .stop))
        progress.leaveStep()
        #expect(progress.figures(at: Self.at(0)).progress == 60)
    }

    @Test func `expects of a text what such texts had`() {
        for (past, asked, share) in [
            (10, 100, 50.0), (nil, 100, 5), (nil, nil, 0.97), (nil, 0, 99.76), (0, nil, 99.76),
        ] as [(Int?, Int?, Double)] {
            let progress = progress(past: JobPast(duration: nil, tokens: past))
            progress.beginText(expecting: asked)
            for _ in 0..<5 { progress.append("a") }
            let now = progress.figures(at: Self.at(0)).progress
            #expect(abs(now - share) < 0.01, "\(past ?? -1) \(asked ?? -1)")
        }
    }

    @Test func `never falls, whatever happens`() {
        var random = SeededNumbers(seed: 5)
        let progress = progress()
        var last = 0.0
        for _ in 0..<5_000 {
            let low = Double.random(in: 0...100, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                let high = Double.random(in: low...100, using: &random)
                _ = progress.enter(step, range: .init(start: low / 2, end: high / 2))
            case 1: progress.leaveStep()
            case 2: progress.beginText(expecting: Int(low))
            case 3: progress.endText(TextResult(ending: .stop, outputTokens: 3))
            case 4: progress.reportPicture(ImageProgress(fraction: low / 50 - 0.5))
            case 5: progress.setWaiting(low < 50 ? "Waiting" : nil, at: Self.at(UInt64(low)))
            default: progress.append(TextPiece("aé", tokens: Int(low)))
            }
            let now = progress.figures(at: Self.at(7)).progress
            #expect(now >= last && now <= 100)
            last = now
        }
        #expect(last > 40)
    }

    @Test func `goes on where an interrupted attempt was`() {
        var figures = JobFigures()
        figures.progress = 47.5
        figures.inputTokens = 3
        let progress = progress(resuming: figures)
        #expect(progress.enter(step, range: .init(start: 20, end: 60)).progress == 47.5)
        progress.endText(TextResult(ending: .stop, inputTokens: 4, outputTokens: 5))
        let after = progress.figures(at: Self.at(0))
        #expect(after.progress == 47.5 && after.inputTokens == 7 && after.outputTokens == 5)
    }

    @Test(arguments: [(-1.0, 20.0), (0, 20), (0.5, 40), (0.99, 59.6), (1, 59.6), (7, 59.6)])
    func `follows a picture within its step, which ends when it is kept`(
        fraction: Double, share: Double
    ) {
        let progress = progress()
        _ = progress.enter(step, range: .init(start: 20, end: 60))
        progress.reportPicture(ImageProgress(fraction: fraction))
        #expect(progress.takeChange(at: Self.at(0))?.progress == share)
    }

    // MARK: Text

    @Test func `gives the text in pieces that add up to it, none twice`() {
        var random = SeededNumbers(seed: 9)
        let progress = progress()
        for _ in 0..<3 {
            progress.beginText(expecting: nil)
            #expect(progress.takeDelta() == nil)
            var (said, told) = ("", [UInt8]())
            for _ in 0..<500 {
                if Int.random(in: 0..<3, using: &random) > 0 {
                    let piece = ["a", "é", "日本", "👩\u{200D}👩", "", "\u{301}"].randomElement() ?? ""
                    said += piece
                    progress.append(TextPiece(piece))
                } else if let delta = progress.takeDelta() {
                    #expect(delta.offset == told.count && !delta.text.isEmpty)
                    told += Array(delta.text.utf8)
                    #expect(Array(progress.content.utf8) == told)
                }
            }
            if let delta = progress.takeDelta() { told += Array(delta.text.utf8) }
            #expect(told == Array(said.utf8))
            #expect(progress.takeDelta() == nil)
            #expect(progress.figures(at: Self.at(0)).contentLength == told.count)
        }
    }

    @Test func `counts tokens as they come, and as the provider counted them in the end`() {
        let progress = progress()
        progress.beginText(expecting: nil)
        progress.append(TextPiece("a", tokens: 3))
        progress.append(TextPiece("b", tokens: 2))
        #expect(progress.figures(at: Self.at(0)).currentTokens == 5)
        #expect(progress.figures(at: Self.at(0)).outputTokens == 0)
        progress.endText(TextResult(ending: .stop, inputTokens: 10, outputTokens: 7))
        progress.beginText(expecting: nil)
        progress.append(TextPiece("c", tokens: 4))
        progress.endText(TextResult(ending: .length))
        let figures = progress.figures(at: Self.at(0))
        #expect(figures.currentTokens == 4, "of the text at hand")
        #expect(figures.inputTokens == 10 && figures.outputTokens == 11)
    }

    @Test func `counts the parts of a text together`() {
        let progress = progress(past: JobPast(duration: nil, tokens: 10))
        _ = progress.enter(step, range: .init(start: 0, end: 50))
        let part = TextPart.prose(opening: "<", closing: ">", share: 0.5)
        progress.resume(WrittenText(text: "né", tokens: 7), as: part)
        #expect(progress.takeDelta() == JobProgress.Delta(offset: 0, text: "<né>"))
        progress.beginText(expecting: nil, part: part)
        progress.append(TextPiece("", tokens: 0, thinkingTokens: 2))
        var figures = progress.figures(at: Self.at(0))
        #expect(figures.message == "Thinking: 2 tokens so far" && figures.currentTokens == 7)
        progress.append("a")
        figures = progress.figures(at: Self.at(0))
        #expect(figures.message == "Writing" && figures.currentTokens == 8)
        #expect(figures.progress == 10 && figures.contentLength == 7 && progress.textTokens == 1)
        progress.endText(TextResult(ending: .stop, outputTokens: 5, thinkingTokens: 2))
        #expect(progress.textTokens == 3)
        progress.close(part)
        figures = progress.figures(at: Self.at(0))
        #expect(figures.currentTokens == 10 && figures.outputTokens == 5)
        #expect(progress.takeDelta() == JobProgress.Delta(offset: 5, text: "<a>"))
        #expect(progress.wholeContent == "<né><a>")
        progress.beginText(expecting: nil)
        figures = progress.figures(at: Self.at(0))
        #expect(figures.currentTokens == 0 && progress.wholeContent.isEmpty)
    }

    @Test func `counts what is thought apart, and says that it thinks until the text begins`()
        throws
    {
        let progress = progress()
        _ = progress.enter(step, range: .init(start: 20, end: 60))
        progress.beginText(expecting: nil)
        progress.append(TextPiece("", tokens: 0, thinkingTokens: 3))
        progress.append(TextPiece("", tokens: 0, thinkingTokens: 4))
        var figures = try #require(progress.takeChange(at: Self.at(0)))
        #expect(figures.message == "Thinking: 7 tokens so far")
        #expect(figures.currentTokens == 0 && figures.contentLength == 0 && figures.progress == 20)
        #expect(progress.takeDelta() == nil)
        progress.append(TextPiece("a", tokens: 2))
        figures = progress.figures(at: Self.at(0))
        #expect(figures.message == step.message && figures.currentTokens == 2)
        progress.endText(TextResult(ending: .stop, outputTokens: 12, thinkingTokens: 7))
        figures = progress.figures(at: Self.at(0))
        #expect(figures.currentTokens == 5 && figures.outputTokens == 12)
        progress.beginText(expecting: nil)
        progress.append(TextPiece("", tokens: 0, thinkingTokens: 2))
        progress.append(TextPiece("b"))
        progress.endText(TextResult(ending: .stop, thinkingTokens: 2))
        figures = progress.figures(at: Self.at(0))
        #expect(figures.currentTokens == 1 && figures.outputTokens == 15)
    }

    @Test func `shows how fast a model thinks`() {
        let progress = progress()
        progress.beginText(expecting: nil)
        progress.append(TextPiece("", tokens: 0, thinkingTokens: 20))
        progress.tick(seconds: 1)
        let figures = progress.figures(at: Self.at(0))
        #expect(figures.tokensPerSecond == 20 && figures.contentRate == 0)
    }

    // MARK: Rates

    @Test func `measures rates over about two seconds`() throws {
        let progress = progress()
        progress.beginText(expecting: nil)
        progress.tick(seconds: 0.1)
        #expect(progress.figures(at: Self.at(0)).tokensPerSecond == nil, "nothing came yet")
        progress.append(TextPiece("four", tokens: 2))
        progress.tick(seconds: 0.1)
        let first = progress.figures(at: Self.at(0))
        #expect(first.tokensPerSecond == 20 && first.contentRate == 40)
        // A steady stream keeps its rate.
        for _ in 0..<50 {
            progress.append(TextPiece("four", tokens: 2))
            progress.tick(seconds: 0.1)
        }
        let steady = try #require(progress.figures(at: Self.at(0)).tokensPerSecond)
        #expect(abs(steady - 20) < 0.001)
        // One that has ended is at a third after two seconds, and at nothing later.
        for _ in 0..<20 { progress.tick(seconds: 0.1) }
        let falling = try #require(progress.figures(at: Self.at(0)).tokensPerSecond)
        #expect((6...9).contains(falling))
        for _ in 0..<200 { progress.tick(seconds: 0.1) }
        #expect(try #require(progress.figures(at: Self.at(0)).contentRate) < 0.1)
        progress.tick(seconds: 0)
        progress.tick(seconds: -1)
        #expect(try #require(progress.figures(at: Self.at(0)).contentRate).isFinite)
    }

    @Test func `takes the rate that the provider measured`() {
        let progress = progress()
        progress.beginText(expecting: nil)
        progress.append("a")
        progress.tick(seconds: 1)
        progress.endText(TextResult(ending: .stop, tokensPerSecond: 77))
        #expect(progress.figures(at: Self.at(0)).tokensPerSecond == 77)
    }

    // MARK: Time

    @Test func `estimates what remains by the past, by its pace, and by both`() {
        let unknown = progress()
        #expect(unknown.figures(at: Self.at(5_000)).remaining == nil)
        // By the past alone, as long as the job says little.
        let past = JobPast(duration: 10_000, tokens: nil)
        let young = progress(past: past)
        #expect(young.figures(at: Self.at(0)).remaining == 10_000)
        #expect(young.figures(at: Self.at(4_000)).remaining == 6_000)
        #expect(young.figures(at: Self.at(40_000)).remaining == 0)
        // By its own pace alone: a quarter took 3 s.
        var quarter = JobFigures()
        quarter.progress = 25
        #expect(progress(resuming: quarter).figures(at: Self.at(3_000)).remaining == 9_000)
        #expect(progress(resuming: quarter).figures(at: Self.at(499)).remaining == nil)
        // By both, the pace for as much as is done: (10 - 3) * 3/4 + 9 * 1/4.
        let both = progress(resuming: quarter, past: past)
        #expect(both.figures(at: Self.at(3_000)).remaining == 7_500)
        #expect(both.figures(at: Self.at(3_000)).elapsed == 3_000)
    }

    @Test func `does not count the time in which it waited for its turn`() {
        let progress = progress()
        #expect(progress.activeTime(at: Self.at(1_000)) == 1_000)
        progress.setWaiting("Waiting for a", at: Self.at(1_000))
        #expect(progress.activeTime(at: Self.at(5_000)) == 1_000)
        progress.setWaiting("Waiting for b", at: Self.at(6_000))
        #expect(progress.activeTime(at: Self.at(7_000)) == 1_000)
        progress.setWaiting(nil, at: Self.at(8_000))
        #expect(progress.activeTime(at: Self.at(9_500)) == 2_500)
        progress.setWaiting(nil, at: Self.at(9_500))
        #expect(progress.activeTime(at: Self.at(9_500)) == 2_500)
    }

    @Test func `says what it waits for`() {
        let progress = progress()
        _ = progress.enter(step, range: .init(start: 0, end: 100))
        progress.setWaiting("Waiting for a", at: Self.at(0))
        #expect(progress.takeChange(at: Self.at(0))?.message == "Waiting for a")
        #expect(progress.figures(at: Self.at(0)).step == "writing")
        progress.setWaiting(nil, at: Self.at(0))
        #expect(progress.takeChange(at: Self.at(0))?.message == "Writing")
    }
}

extension JobProgress {
    /// One token.
    func append(_ text: String) { append(TextPiece(text)) }
}
