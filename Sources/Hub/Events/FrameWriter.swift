internal import Glibc
internal import JSON
internal import Telemetry

/// Writes an event's block straight into the memory that its frame will own.
///
/// Invariant: `count <= capacity`. The frame puts the size of the chunk in front of the block, for
///   which the first `headRoom` bytes are kept, and a line end behind it, for which two are kept.
@safe struct FrameWriter: ~Copyable {
    /// The number of bytes before the block: eight hexadecimal digits and a line end (RFC 9112,
    /// 7.1).
    static let headRoom = 10
    private static let tailRoom = 2

    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// The number of bytes written, those before the block included.
    private(set) var count = headRoom

    /// Allocates memory for a block of about `size` bytes, which grows when more is written.
    init(size: Int) {
        capacity = Self.headRoom + size + Self.tailRoom
        unsafe memory = Self.allocated(malloc(capacity))
    }

    deinit { unsafe free(memory) }

    /// Returns the memory, which the caller has to free with `free`.
    consuming func take() -> UnsafeMutablePointer<UInt8> {
        let memory = unsafe memory
        discard self
        return unsafe memory
    }

    private static func allocated(
        _ memory: UnsafeMutableRawPointer?
    ) -> UnsafeMutablePointer<UInt8> {
        guard let memory = unsafe memory else { fatalError("there is no memory for an event") }
        return unsafe memory.assumingMemoryBound(to: UInt8.self)
    }

    /// Makes room for `length` more bytes, and for the line end that the frame puts behind them.
    @inline(__always)
    private mutating func reserve(_ length: Int) {
        if count + length + Self.tailRoom > capacity { grow(by: length) }
    }

    private mutating func grow(by length: Int) {
        capacity = max(2 * capacity, count + length + Self.tailRoom)
        unsafe memory = Self.allocated(realloc(memory, capacity))
    }

    @inline(__always)
    private mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        unsafe memcpy(memory + count, source, length)
        count += length
    }

    @inline(__always)
    mutating func append(_ literal: StaticString) {
        unsafe append(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { unsafe append(start, bytes.count) }
        }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe append(start.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { bytes in
            if let start = bytes.baseAddress { unsafe append(start, bytes.count) }
        }
    }

    mutating func append(decimal number: UInt64) {
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, number >= bound {
            digits += 1
            (bound, _) = bound.multipliedReportingOverflow(by: 10)
        }
        reserve(20)
        var rest = number
        for index in stride(from: count + digits - 1, through: count, by: -1) {
            unsafe memory[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    mutating func append(_ time: Timestamp) {
        reserve(Timestamp.maximumLength)
        count += unsafe time.write(
            to: UnsafeMutableBufferPointer(
                start: memory + count, count: Timestamp.maximumLength))
    }

    /// Appends a text as a JSON string, with its quotes.
    mutating func append(jsonString text: String) {
        guard isPlainInJSON(text) else {
            var escaped: [UInt8] = []
            appendJSONString(text, to: &escaped)
            return append(escaped)
        }
        append("\"")
        append(text: text)
        append("\"")
    }

    /// Appends JSON text with escapes for the characters that some readers take for a line's end.
    mutating func append(lineSafe json: [UInt8]) {
        guard json.isLineSafe else {
            var escaped: [UInt8] = []
            escaped.append(lineSafe: json)
            return append(escaped)
        }
        append(json)
    }
}
