// One event, encoded once, shared by every connection that gets it.
//
// Format: the bytes are an HTTP/1.1 chunk (RFC 9112 §7.1) around one SSE block, so that one buffer
//   serves each HTTP/1.1 stream; what has its own framing (HTTP/1.0, HTTP/2) takes the block
//   inside.
// Invariant: immutable after `init`. The memory is allocated apart from the object so that its
//   address can stand in an iovec while other threads read it too.

/// The encoded bytes of an event with what is needed to route it.
///
/// `@unchecked Sendable`: nothing changes after `init`, and the memory is freed by `deinit` alone.
@safe package final class EventFrame: @unchecked Sendable {
    /// What decides about a frame's fate in a full outbox.
    package enum Content: Equatable, Sendable {
        /// In the log under this sequence; can be read again.
        case durable(sequence: UInt64)
        /// Live only; lost if it cannot be queued.
        case transient
        /// Of the hub itself, for one connection; never dropped.
        case control
    }

    package let content: Content
    package let resources: [Resource]
    package let name: String
    package let coalesceKey: String?
    /// For the rules of streams; `nil` for most.
    package let mark: Mark?
    private let bytes: UnsafeMutableRawBufferPointer
    private let blockRange: Range<Int>
    private let memberRange: Range<Int>

    /// Wraps an SSE block, a whole one with its empty line; `members` is where the envelope's
    /// resources, time and data stand in it.
    package init(
        _ block: [UInt8], content: Content, name: String = "", resources: [Resource] = [],
        coalesceKey: String? = nil, mark: Mark? = nil, members: Range<Int> = 0..<0
    ) {
        self.content = content
        self.name = name
        self.resources = resources
        self.coalesceKey = coalesceKey
        self.mark = mark
        // The chunk's size in hexadecimal digits, of which there are as many as half bytes.
        let digits = max(1, (Int.bitWidth - block.count.leadingZeroBitCount + 3) / 4)
        let start = digits + 2
        memberRange = start + members.lowerBound..<start + members.upperBound
        blockRange = start..<start + block.count
        unsafe bytes = .allocate(byteCount: start + block.count + 2, alignment: 1)
        for index in 0..<digits {
            let digit = UInt8(block.count >> ((digits - 1 - index) * 4) & 0xF)
            unsafe bytes[index] = digit < 10 ? 48 + digit : 87 + digit
        }
        unsafe bytes[digits] = 13
        unsafe bytes[digits + 1] = 10
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[blockRange]).copyBytes(from: block)
        unsafe bytes[blockRange.upperBound] = 13
        unsafe bytes[blockRange.upperBound + 1] = 10
    }

    /// Wraps bytes that are sent as they are, whatever the framing: a response's head and first
    /// chunk.
    package init(raw: [UInt8]) {
        content = .control
        name = ""
        resources = []
        coalesceKey = nil
        mark = nil
        blockRange = 0..<raw.count
        memberRange = 0..<0
        unsafe bytes = .allocate(byteCount: raw.count, alignment: 1)
        unsafe bytes.copyBytes(from: raw)
    }

    deinit {
        unsafe bytes.deallocate()
    }

    /// `nil` unless the event is durable.
    package var sequence: UInt64? {
        guard case .durable(let sequence) = content else { return nil }
        return sequence
    }

    /// The frame as an HTTP/1.1 chunk; valid as long as the frame lives.
    package var chunk: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(bytes) }

    /// The length of `chunk`, which is what a frame counts for wherever frames are counted by size.
    package var byteCount: Int { unsafe bytes.count }

    /// The envelope's `"resources":…,"at":…,"data":…`, to be put into another one.
    package var members: [UInt8] { unsafe Array(bytes[memberRange]) }

    /// The bare SSE block; valid as long as the frame lives.
    package var block: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[blockRange])
    }
}
