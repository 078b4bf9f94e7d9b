import Glibc
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `A socket` {
    @Test func `takes part of a long text, then would block, and loses no byte`() {
        let pair = SocketPair()
        defer { pair.close() }
        let text = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var sent = 0
        var received: [UInt8] = []
        var blocks = 0
        while sent < text.count {
            switch pair.near.send(text[sent...]) {
            case .bytes(let count):
                #expect(count > 0)
                sent += count
            case .wouldBlock:
                blocks += 1
                received += pair.far.takeAll()
            case .broken:
                Issue.record("broken after \(sent) bytes")
                return
            }
        }
        received += pair.far.takeAll()
        #expect(blocks > 0)
        #expect(received == text)
    }

    @Test func `would block when nothing has come`() {
        let pair = SocketPair()
        defer { pair.close() }
        #expect(pair.far.take(100).result == .wouldBlock)
    }

    @Test func `gives what was sent before it says that the peer has ended`() {
        let pair = SocketPair()
        defer { pair.close() }
        #expect(pair.near.send(Array("last words".utf8)[...]) == .bytes(10))
        pair.near.endSending()
        let first = pair.far.take(6)
        #expect(first.result == .bytes(6))
        #expect(first.bytes == Array("last w".utf8))
        #expect(pair.far.take(100).result == .bytes(4))
        #expect(pair.far.take(100).result == .ended)
        #expect(pair.far.send(Array("answer".utf8)[...]) == .bytes(6))
        #expect(pair.near.take(100).bytes == Array("answer".utf8))
    }

    @Test func `is broken for sending when its peer is gone`() {
        let pair = SocketPair()
        defer { pair.near.close() }
        pair.far.close()
        #expect(pair.near.send([1, 2, 3]) == .broken)
        #expect(pair.near.take(100).result == .ended)
    }

    @Test func `is ended for its peer when it is closed by a reset`() throws {
        let connection = try LoopbackConnection()
        #expect(connection.accepted.send([1, 2, 3]) == .bytes(3))
        connection.accepted.close(byReset: true)
        var results: [Socket.Received] = []
        repeat {
            connection.waitToReadClient()
            results.append(connection.client.take(100).result)
        } while results.last != .ended && results.count < 3
        #expect(results.last == .ended)
        #expect(connection.client.send([1]) == .broken)
        connection.client.close()
    }

    @Test(arguments: [1, 2, 3, IOVectors.capacity])
    func `sends gathered pieces in their order by one call`(pieces: Int) {
        let pair = SocketPair()
        defer { pair.close() }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 5 * pieces, alignment: 1)
        defer { unsafe memory.deallocate() }
        for index in memory.indices {
            unsafe memory[index] = UInt8(truncatingIfNeeded: index)
        }
        let vectors = IOVectors()
        for piece in 0..<pieces {
            #expect(!vectors.isFull)
            unsafe vectors.append(
                UnsafeRawBufferPointer(rebasing: memory[piece * 5..<piece * 5 + 5]))
        }
        #expect(vectors.count == pieces)
        #expect(vectors.byteCount == 5 * pieces)
        #expect(vectors.isFull == (pieces == IOVectors.capacity))
        #expect(pair.near.send(vectors) == .bytes(5 * pieces))
        #expect(unsafe pair.far.takeAll() == Array(memory))
        vectors.removeAll()
        #expect(vectors.count == 0 && vectors.byteCount == 0)
    }

    @Test func `takes part of gathered pieces when the kernel has no more room`() {
        let pair = SocketPair()
        defer { pair.close() }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 3_000_000, alignment: 1)
        defer { unsafe memory.deallocate() }
        for index in memory.indices {
            unsafe memory[index] = UInt8(truncatingIfNeeded: index / 3)
        }
        let vectors = IOVectors()
        for piece in 0..<3 {
            let range = piece * 1_000_000..<(piece + 1) * 1_000_000
            unsafe vectors.append(UnsafeRawBufferPointer(rebasing: memory[range]))
        }
        guard case .bytes(let count) = pair.near.send(vectors) else {
            Issue.record("nothing was sent")
            return
        }
        #expect(count > 0 && count < vectors.byteCount)
        #expect(unsafe pair.far.takeAll() == Array(memory[..<count]))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `Gathered pieces` {
    @Test func `end the process when there is no room for one more`() async {
        await #expect(processExitsWith: .failure) {
            let vectors = IOVectors()
            for _ in 0...IOVectors.capacity { unsafe vectors.append(.init(start: nil, count: 0)) }
        }
    }
}
