// One event, encoded once, shared by every connection that gets it.
//
// Format: the bytes are an HTTP/1.1 chunk (RFC 9112 §7.1) around one SSE block, so that one buffer
//   serves each HTTP/1.1 stream. A framing without chunks (HTTP/1.0) takes only the block inside.
//   Receivers that are sent other bytes get a form of the frame (`form`).
// Invariant: immutable after `init`. The memory is allocated apart from the object so that its
//   address can stand in an iovec while other threads read it too.

internal import Glibc
internal import Synchronization

/// The encoded bytes of an event with what is needed to route it.
///
/// `@unchecked Sendable`: after `init` nothing changes but the forms, which have a lock, and
/// `isKept`, which the log's tail sets before it hands the frame to others. The memory is freed by
/// `deinit` alone.
@safe package final class EventFrame: @unchecked Sendable {
    /// The kind of a frame, which decides what becomes of it in a full outbox.
    package enum Content: Equatable, Sendable {
        /// An event that is in the log under this sequence and can be read again; of a batch, its
        /// first such event.
        case durable(sequence: UInt64)
        /// An event that is only sent live, and is lost if it cannot be queued.
        case transient
        /// A control event, or other bytes for one connection such as retained state; never
        /// dropped.
        case control
    }

    package let content: Content
    /// The number of producers' events that it brings: more than one in a batch, none in a control
    /// event.
    let eventCount: UInt8
    /// How many of these events are lost when it cannot be queued.
    let transientCount: UInt8
    /// All resources of the event, also those that a form does not name.
    package let resources: [Resource]
    package let name: String
    package let coalesceKey: String?
    /// The mark for the rules of streams; `nil` for most events.
    package let mark: Mark?
    /// Whether the event is the last one of each of its resources.
    package let isEnd: Bool
    /// The memory from `malloc`, in which the chunk stands from `chunkStart` to `chunkEnd`.
    private let memory: UnsafeMutablePointer<UInt8>
    private let chunkStart, chunkEnd: Int
    private let blockRange: Range<Int>
    private let memberRange: Range<Int>
    /// Whether the frame was made from another one, for some of its receivers.
    let isForm: Bool
    /// What counts the bytes of a form, if its event's frame is kept.
    private let ledger: FormLedger?
    /// Whether the log's tail keeps the frame, and so its forms.
    private(set) var isKept = false
    /// The forms that were made of it; empty as long as there are none.
    let forms = AtomicLazyReference<FrameForms>()

    /// Wraps the block of an event; `members` is the range of the envelope's resources, time and
    /// data in the bytes that were written.
    convenience init(
        _ block: consuming FrameWriter, of publication: borrowing Publication, content: Content,
        members: Range<Int>
    ) {
        self.init(
            block, content: content, name: publication.name.description,
            resources: publication.resources, coalesceKey: publication.coalesceKey,
            mark: publication.mark, isEnd: publication.isEnd, members: members)
    }

    /// Wraps a whole SSE block with its empty line.
    package convenience init(
        _ block: [UInt8], content: Content, name: String = "", resources: [Resource] = [],
        coalesceKey: String? = nil, mark: Mark? = nil, isEnd: Bool = false
    ) {
        var writer = FrameWriter(size: block.count)
        writer.append(block)
        self.init(
            writer, content: content, name: name, resources: resources, coalesceKey: coalesceKey,
            mark: mark, isEnd: isEnd, members: 0..<0)
    }

    /// Wraps a batch of `count` events, of which the first durable one has the sequence `first`.
    convenience init(
        _ block: consuming FrameWriter, batchOf count: Int, transient: Int, from first: UInt64?
    ) {
        self.init(
            block, content: first.map { .durable(sequence: $0) } ?? .transient, name: "batch",
            resources: [], coalesceKey: nil, mark: nil, isEnd: false, members: 0..<0,
            counts: (UInt8(count), UInt8(transient)))
    }

    private init(
        _ block: consuming FrameWriter, content: Content, name: String, resources: [Resource],
        coalesceKey: String?, mark: Mark?, isEnd: Bool, members: Range<Int>, isForm: Bool = false,
        ledger: FormLedger? = nil, counts: (events: UInt8, transient: UInt8)? = nil
    ) {
        self.content = content
        eventCount = counts?.events ?? (content == .control ? 0 : 1)
        transientCount = counts?.transient ?? (content == .transient ? 1 : 0)
        self.name = name
        self.resources = resources
        self.coalesceKey = coalesceKey
        self.mark = mark
        self.isEnd = isEnd
        let end = block.count
        let memory = unsafe block.take()
        memberRange = members
        blockRange = FrameWriter.headRoom..<end
        // The chunk's size stands before the block in hexadecimal digits, with a line end between
        // them (RFC 9112, 7.1). The digits are written from the last to the first.
        var start = FrameWriter.headRoom - 2
        unsafe memory[start] = 13
        unsafe memory[start + 1] = 10
        var rest = blockRange.count
        precondition(rest >> 32 == 0, "an event's block is shorter than 4 GiB")
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            start -= 1
            unsafe memory[start] = digit < 10 ? 48 + digit : 87 + digit
            rest >>= 4
        } while rest > 0
        unsafe memory[end] = 13
        unsafe memory[end + 1] = 10
        chunkStart = start
        chunkEnd = end + 2
        unsafe self.memory = memory
        self.isForm = isForm
        self.ledger = ledger
        ledger?.add(chunkEnd - chunkStart)
    }

    /// Makes a form of an event's frame; `members` is a range of its block.
    convenience init(
        _ block: consuming FrameWriter, formOf frame: EventFrame, members: Range<Int>,
        counting ledger: FormLedger
    ) {
        let start = FrameWriter.headRoom
        self.init(
            block, content: frame.content, name: frame.name, resources: frame.resources,
            coalesceKey: frame.coalesceKey, mark: frame.mark, isEnd: frame.isEnd,
            members: members.lowerBound + start..<members.upperBound + start, isForm: true,
            ledger: frame.isKept ? ledger : nil)
    }

    deinit {
        unsafe free(memory)
        ledger?.remove(byteCount)
    }

    /// Takes note that the log's tail keeps the frame; called before anybody else has it.
    func keep() { isKept = true }

    /// `nil` unless the event is durable.
    package var sequence: UInt64? {
        guard case .durable(let sequence) = content else { return nil }
        return sequence
    }

    /// The frame as an HTTP/1.1 chunk; valid as long as the frame lives.
    package var chunk: UnsafeRawBufferPointer { unsafe bytes(chunkStart..<chunkEnd) }

    /// The length of `chunk`, with which a frame counts wherever the size of frames is limited.
    package var byteCount: Int { chunkEnd - chunkStart }

    /// The envelope's `"resources":…,"at":…,"data":…`, to be put into another object.
    package var members: [UInt8] { unsafe Array(bytes(memberRange)) }

    /// The place of `members` in `block`.
    var memberRangeOfBlock: Range<Int> {
        let start = FrameWriter.headRoom
        return memberRange.lowerBound - start..<memberRange.upperBound - start
    }

    /// The bare SSE block; valid as long as the frame lives.
    package var block: UnsafeRawBufferPointer { unsafe bytes(blockRange) }

    private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: memory + range.lowerBound, count: range.count)
    }
}
