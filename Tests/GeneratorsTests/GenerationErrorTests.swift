import Generators
import Testing

@Suite struct `An error of a generator` {
    @Test func `that is a cancellation asks for no retry`() {
        #expect(GenerationError.cancelled.retry == .cancelled)
    }
}
