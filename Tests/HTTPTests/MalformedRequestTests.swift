import Testing

@testable import HTTP

/// Requests that RFC 9112 forbids, one file each in `Fuzz/HTTP/malformed`.
@Suite("Malformed requests", .timeLimit(.minutes(5)))
struct MalformedRequestTests {
    @Test func `the fixtures are found`() {
        #expect(Fixture.malformed.count >= 190)
        #expect(Fixture.malformed.allSatisfy { $0.status != nil && !$0.bytes.isEmpty })
    }

    @Test(arguments: Fixture.malformed)
    func `a malformed request is refused with the status in its name`(_ fixture: Fixture) {
        let transcript = Transcript([fixture.bytes])
        #expect(transcript.error?.status.code == fixture.status)
        #expect(transcript.error?.detail.hasSuffix(".") == true)
        #expect(!transcript.exchanges.contains { $0.isComplete })
    }

    @Test(arguments: Fixture.malformed)
    func `a malformed request is refused alike however it is cut`(_ fixture: Fixture) {
        let whole = Transcript([fixture.bytes])
        for split in Transcript.ofEachSplit(fixture.bytes) {
            #expect(split == whole)
        }
    }

    @Test(arguments: Fixture.malformed)
    func `nothing behind a malformed request is parsed or kept`(_ fixture: Fixture) {
        let next = Array("GET /next HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let whole = Transcript([fixture.bytes])
        #expect(Transcript([fixture.bytes + next]) == whole)
        #expect(Transcript([fixture.bytes, next]) == whole)
        #expect(whole.buffered == 0)
        #expect(!whole.isIdle)
    }

    @Test(arguments: Fixture.malformed)
    func `a good request before a malformed one is still read`(_ fixture: Fixture) {
        let first = Array("GET /first HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let transcript = Transcript([first + fixture.bytes])
        #expect(transcript.exchanges.first?.path == "/first")
        #expect(transcript.exchanges.first?.isComplete == true)
        #expect(transcript.error?.status.code == fixture.status)
    }

    @Test func `the same error is thrown again by each later call`() {
        var decoder = RequestDecoder()
        decoder.append(Array("GET\r\n".utf8))
        let first = #expect(throws: RequestError.self) { try decoder.next() }
        decoder.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        let second = #expect(throws: RequestError.self) { try decoder.next() }
        #expect(first == second)
        #expect(!decoder.hasBufferedBytes)
    }
}
