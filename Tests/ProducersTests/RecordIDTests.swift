import Producers
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A record's name` {
    @Test func `sorts by the time of its making`() {
        let earlier = RecordID.make(at: Timestamp(milliseconds: 1_700_000_000_000))
        let later = RecordID.make(at: Timestamp(milliseconds: 1_700_000_000_001))
        #expect(earlier < later)
        #expect(earlier.utf8.count == 26)
    }

    @Test func `is never given twice`() {
        let now = Timestamp.now
        #expect(Set((0..<1000).map { _ in RecordID.make(at: now) }).count == 1000)
    }
}
