import Generators
import Testing

@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The retry policy` {
    private let policy = RetryPolicy()

    @Test(arguments: [GenerationError.Retry.later, .cancelled], [0.0, 0.25, 0.999_999])
    func `waits a part of a span that doubles up to five minutes`(
        retry: GenerationError.Retry, random: Double
    ) throws {
        var before = 0.0
        for attempt in 1...100 {
            let delay = try #require(policy.delay(after: attempt, retry, random: random))
            #expect((0..<300).contains(delay))
            #expect(delay >= before, "the span does not shrink")
            before = delay
        }
        let first = try #require(policy.delay(after: 1, retry, random: random))
        let second = try #require(policy.delay(after: 2, retry, random: random))
        #expect(second == 2 * first)
        #expect(first <= 4 * random)
        #expect(before == 300 * random)
    }

    @Test(arguments: [Int.min, -1, 0, .max])
    func `has an answer after any attempt`(attempt: Int) throws {
        let delay = try #require(policy.delay(after: attempt, .later, random: 0.5))
        #expect((0...300).contains(delay))
    }

    @Test(arguments: [
        (0.0, 0.0), (0.5, 0.5), (3_600, 3_600), (-4, 0), (1e9, 86_400), (.infinity, 86_400),
    ])
    func `does what the provider says, within a day`(asked: Double, delay: Double) {
        for attempt in [1, 7, 100] {
            for random in [0, 0.5, 0.99] {
                #expect(policy.delay(after: attempt, .after(asked), random: random) == delay)
            }
        }
    }

    @Test func `takes no number from a provider that says none`() throws {
        let delay = try #require(policy.delay(after: 1, .after(.nan), random: 0.5))
        #expect((0...86_400).contains(delay))
    }

    @Test func `knows when there is no sense in another attempt`() {
        for attempt in [1, 2, 50] {
            #expect(policy.delay(after: attempt, .never, random: 0.5) == nil)
        }
    }
}
