import Testing

@testable import HTTP

@Suite("What a connection's decoder keeps", .timeLimit(.minutes(5)))
struct InputBufferTests {
    @Test func `a head that comes byte by byte is scanned once`() throws {
        var decoder = RequestDecoder()
        for count in 1...5000 {
            decoder.append([UInt8(ascii: count == 4 ? " " : "G")])
            _ = try decoder.next()
            #expect(decoder.scanned == count)
        }
    }

    @Test func `a large buffer is given back when it is drained`() throws {
        var decoder = RequestDecoder()
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
        decoder.append(Array(head.utf8) + [UInt8](repeating: 0x61, count: 100_000))
        while true {
            guard case .end = try decoder.next() else { continue }
            break
        }
        #expect(decoder.buffer.bytes.capacity == 0)
        #expect(decoder.isIdle)
    }

    @Test func `a small buffer is kept for the next request`() throws {
        var decoder = RequestDecoder()
        decoder.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try decoder.next()
        _ = try decoder.next()
        #expect(decoder.buffer.bytes.isEmpty)
        #expect(decoder.buffer.bytes.capacity > 0)
        #expect(decoder.takeBuffered().isEmpty)
        #expect(decoder.buffer.bytes.capacity == 0)
    }

    @Test func `bytes behind a request are handed over`() throws {
        var decoder = RequestDecoder()
        decoder.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest".utf8))
        _ = try decoder.next()
        _ = try decoder.next()
        #expect(decoder.takeBuffered() == Array("rest".utf8))
        #expect(decoder.isIdle)
    }

    @Test func `a part of a body that is all there is is not copied`() throws {
        var buffer = InputBuffer()
        buffer.append([1, 2, 3])
        #expect(buffer.take(3) == [1, 2, 3])
        #expect(buffer.bytes.capacity == 0)
        buffer.append([1, 2, 3])
        #expect(buffer.take(2) == [1, 2])
        #expect(buffer.count == 1)
        #expect(buffer.take(1) == [3])
    }

    @Test func `consumed bytes are dropped when they are half of the buffer`() {
        var buffer = InputBuffer()
        buffer.append([1, 2, 3, 4, 5, 6])
        buffer.consume(2)
        buffer.append([7])
        #expect(buffer.bytes.count == 7)
        buffer.consume(2)
        buffer.append([8])
        #expect(buffer.bytes == [5, 6, 7, 8])
        #expect(buffer[0] == 5)
        #expect(buffer.offset(of: 8, in: 0..<4) == 3)
        #expect(buffer.offset(of: 8, in: 0..<3) == nil)
        #expect(buffer.offset(of: 4, in: 0..<4) == nil)
    }

    @Test func `many requests in one piece are all read`() {
        let one = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        let transcript = Transcript(String(repeating: one, count: 5000))
        #expect(transcript.exchanges.count == 5000)
        #expect(transcript.exchanges.allSatisfy { $0.text == "abc" && $0.isComplete })
    }
}
