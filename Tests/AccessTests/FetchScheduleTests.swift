import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `A schedule of fetches` {
    @Test func `asks every ten minutes, and for an unknown key at most every 30 seconds`() {
        var schedule = FetchSchedule()
        var begun: [Int] = []
        for second in 0..<1300 where schedule.begin(at: now + second, forUnknownKey: second >= 1000)
        {
            begun.append(second)
            schedule.end(at: now + second, succeeded: true)
        }
        #expect(begun == [0, 600] + Array(stride(from: 1000, to: 1300, by: 30)))
    }

    @Test func `tries again soon until the first success, and then every 30 seconds`() {
        var schedule = FetchSchedule()
        var begun: [Int] = []
        for second in 0..<700 where schedule.begin(at: now + second, forUnknownKey: false) {
            begun.append(second)
            // The third try succeeds, and none after it.
            schedule.end(at: now + second, succeeded: second == 10)
        }
        #expect(begun == [0, 5, 10, 610, 640, 670])
    }

    @Test func `has one fetch at a time`() {
        var schedule = FetchSchedule()
        var answers: [Bool] = []
        for second in [0, 0, 5, 1000] {
            answers.append(schedule.begin(at: now + second, forUnknownKey: true))
        }
        #expect(answers == [true, false, false, false])
    }

    @Test func `goes on when the clock is set back`() {
        var schedule = FetchSchedule()
        var answers = [schedule.begin(at: now, forUnknownKey: false)]
        schedule.end(at: now, succeeded: true)
        answers.append(schedule.begin(at: now - 100_000, forUnknownKey: false))
        schedule.end(at: now - 100_000, succeeded: true)
        answers.append(schedule.begin(at: now - 100_000 + 29, forUnknownKey: true))
        answers.append(schedule.begin(at: now - 100_000 + 30, forUnknownKey: true))
        #expect(answers == [true, true, false, true])
    }
}
