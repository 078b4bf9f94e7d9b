import Glibc

/// Bytes received and not yet parsed: one array and the index of the first unread byte.
///
/// Consumed bytes are removed when they are at least half of the array, so that moving the rest
/// costs no more than what was consumed. A drained array that had grown is freed. This file and
/// Characters.swift hold every `unsafe` of the module, except for one that hands bytes on.
struct InputBuffer: Sendable {
    /// The largest capacity, in bytes, that a drained array keeps.
    static let keptCapacity = 16 * 1024

    private(set) var bytes: [UInt8] = []
    private(set) var start = 0

    /// The number of unread bytes.
    var count: Int { bytes.count - start }

    /// The unread byte at `offset`.
    subscript(offset: Int) -> UInt8 { bytes[start + offset] }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        compact()
        unsafe bytes.append(contentsOf: new)
    }

    mutating func append(_ new: [UInt8]) {
        compact()
        bytes.append(contentsOf: new)
    }

    /// Returns the offset of the first `byte` in `range`; both count from the first unread byte.
    func offset(of byte: UInt8, in range: Range<Int>) -> Int? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        guard !range.isEmpty else { return nil }
        let from = start + range.lowerBound
        return unsafe bytes.withUnsafeBytes { all -> Int? in
            guard let base = all.baseAddress,
                let found = unsafe memchr(base + from, Int32(byte), range.count)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base - start
        }
    }

    /// Returns a copy of the first `length` unread bytes.
    func prefix(_ length: Int) -> [UInt8] {
        Array(bytes[start..<start + length])
    }

    mutating func consume(_ length: Int) {
        precondition(length <= count)
        start += length
        guard start == bytes.count else { return }
        start = 0
        if bytes.capacity > Self.keptCapacity {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Consumes and returns `length` bytes, without a copy when they are the whole array.
    mutating func take(_ length: Int) -> [UInt8] {
        if start == 0 && length == bytes.count {
            return takeAll()
        }
        let taken = prefix(length)
        consume(length)
        return taken
    }

    /// Consumes and returns all unread bytes, and keeps no memory.
    mutating func takeAll() -> [UInt8] {
        compact(always: true)
        defer { bytes = [] }
        return bytes
    }

    private mutating func compact(always: Bool = false) {
        guard start > 0, always || start >= bytes.count - start else { return }
        bytes.removeSubrange(..<start)
        start = 0
    }
}

extension RequestDecoder {
    /// Takes a copy of bytes from the peer; call ``next()`` until it needs more.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard acceptsInput else { return }
        unsafe buffer.append(bytes)
    }
}
