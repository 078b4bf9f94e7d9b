import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `An outbox` {
    @Test(arguments: 1...10)
    func `does what an array does`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var outbox = Outbox()
        var model: [(handle: FrameHandle, size: Int)] = []
        var sent = 0
        for step in 0..<5_000 {
            let isGrowing = step / 100 % 2 == 0
            switch Int.random(in: 0..<10, using: &numbers) {
            case 0..<(isGrowing ? 6 : 2):
                let size = Int.random(in: 1...1_000, using: &numbers)
                let handle = FrameHandle(index: Int32(step))
                outbox.append(handle, byteCount: size)
                model.append((handle, size))
            case 8 where model.count > 1:
                let index = Int.random(in: 1..<model.count, using: &numbers)
                outbox.remove(at: index, byteCount: model.remove(at: index).size)
            case 9 where !model.isEmpty && sent + 1 < model[0].size:
                let count = Int.random(in: 1..<model[0].size - sent, using: &numbers)
                outbox.advanceFirst(by: count)
                sent += count
            case 7 where Int.random(in: 0..<50, using: &numbers) == 0:
                outbox.removeAll()
                model = []
                sent = 0
            default:
                guard !model.isEmpty else { continue }
                let (handle, size) = model.removeFirst()
                try #require(outbox.popFirst(byteCount: size) == handle)
                sent = 0
            }
            try #require(outbox.count == model.count)
            try #require(outbox.isEmpty == model.isEmpty)
            try #require(model.indices.allSatisfy { outbox[$0] == model[$0].handle })
            try #require(outbox.byteCount == model.reduce(0) { $0 + $1.size })
            try #require(Int(outbox.sentOfFirst) == sent)
        }
    }

    @Test(arguments: [2, 3, 50])
    func `does not grow by what has left it, though it is never empty`(waiting: Int) {
        var outbox = Outbox()
        for index in 0..<waiting { outbox.append(FrameHandle(index: Int32(index)), byteCount: 1) }
        for index in waiting..<50_000 {
            outbox.append(FrameHandle(index: Int32(index)), byteCount: 1)
            #expect(outbox.popFirst(byteCount: 1).index == Int32(index - waiting))
        }
        #expect(outbox.count == waiting)
        #expect(outbox.memorySize <= 2_048)
    }

    @Test func `needs no memory of its own for one frame, and gives a burst's back`() {
        var outbox = Outbox()
        outbox.append(FrameHandle(index: 0), byteCount: 1)
        #expect(outbox.memorySize == 0)
        for index in 1..<100 as Range<Int32> {
            outbox.append(FrameHandle(index: index), byteCount: 1)
        }
        for _ in 0..<100 { _ = outbox.popFirst(byteCount: 1) }
        #expect(outbox.isEmpty)
        #expect(outbox.memorySize <= 64)
    }

    @Test func `has limits that let one event through in any case`() {
        #expect(OutboxLimits(count: 0).count == 1)
        #expect(OutboxLimits(count: -5).count == 1)
    }
}

extension Outbox {
    /// Bytes that its arrays hold.
    fileprivate var memorySize: Int {
        Mirror(reflecting: self).children.reduce(0) { sum, child in
            guard let handles = child.value as? [FrameHandle] else { return sum }
            return sum + handles.capacity * MemoryLayout<FrameHandle>.stride
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A frame pool` {
    @Test func `keeps a frame until its last use is released`() {
        var pool = FramePool()
        weak var frame: EventFrame?
        let handle: FrameHandle
        do {
            let kept = EventFrame(1, to: "a:1")
            frame = kept
            handle = pool.insert(kept)
        }
        pool.retain(handle)
        #expect(pool.count == 1)
        pool.release(handle)
        #expect(pool.frame(handle) === frame)
        #expect(frame != nil)
        pool.release(handle)
        #expect(pool.count == 0)
        #expect(frame == nil)
    }

    @Test func `uses the places of released frames again`() {
        var pool = FramePool()
        var highest: Int32 = 0
        var numbers = SeededNumbers(seed: 5)
        var inUse: [(handle: FrameHandle, sequence: UInt64)] = []
        for sequence in 0..<10_000 as Range<UInt64> {
            let handle = pool.insert(EventFrame(sequence, to: "a:1"))
            highest = max(highest, handle.index)
            #expect(!inUse.contains { $0.handle == handle })
            inUse.append((handle, sequence))
            let kept = inUse.count < 20 ? 20 : Int.random(in: 0..<20, using: &numbers)
            while inUse.count > kept {
                let index = Int.random(in: inUse.indices, using: &numbers)
                let gone = inUse.remove(at: index)
                #expect(pool.frame(gone.handle).sequence == gone.sequence)
                pool.release(gone.handle)
            }
            #expect(pool.count == inUse.count)
        }
        #expect(highest < 20)
    }

    @Test func `gives the bytes for each framing`() {
        var pool = FramePool()
        let handle = pool.insert(EventFrame(control: "x"))
        #expect(unsafe Array(pool.bytes(handle, in: .chunked)) == Array("3\r\nx\n\n\r\n".utf8))
        #expect(unsafe Array(pool.bytes(handle, in: .bare)) == Array("x\n\n".utf8))
    }

    @Test func `ends the process when a released frame is asked for`() async {
        await #expect(processExitsWith: .failure) {
            var pool = FramePool()
            let handle = pool.insert(EventFrame(control: "x"))
            pool.release(handle)
            _ = pool.frame(handle)
        }
    }
}
