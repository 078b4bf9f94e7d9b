// Reads a JSON text from left to right, as the caller asks for it, without building a tree.
//
// Problem: the hub takes JSON from outside, looks at a few fields, and passes one value on as it
// was written. So the reader checks everything it passes over (RFC 8259, strictly, UTF-8 too),
// decodes only what is read as a string, key or number, and copies the rest byte for byte.
//
// Invariants:
// - Every byte is checked before it is passed: what was read, copied or skipped is JSON.
// - `offset` and the state move only when a call succeeds. After a throw the reader still stands
//   where it stood, so that after `wrongType` the value can be read otherwise.
// - Nothing recurses: each open array or object is a bit of a 64-bit word, which limits the depth.
// - Malformed text throws. Only calls that cannot be right for any text (reading a value where
//   none can be, closing nothing) trap.

internal import Glibc

/// A pull reader over JSON text as bytes: the caller asks for what it expects, in order.
package struct JSONReader {
    /// The deepest nesting that the bits of `open` can hold.
    package static let deepestNesting = 64

    /// The index of the byte that is read next: the first of the value, behind a key or
    /// `nextElement`.
    package internal(set) var offset: Int

    let text: [UInt8]
    let end: Int
    let maximumDepth: Int

    /// A bit for each open object (1) or array (0), the innermost lowest.
    private var open: UInt64 = 0
    private var depth = 0
    private var position = Position.value

    private enum Position {
        /// Before a value.
        case value
        /// Behind the opening bracket.
        case first
        /// Behind a value in an array or object.
        case separator
        /// Behind the outermost value.
        case end
    }

    /// Begins to read one value from `text`, which is held, not copied.
    ///
    /// - Parameters:
    ///   - text: The bytes that `range` and all offsets index.
    ///   - range: The part to read; the whole text when nil.
    ///   - maximumDepth: How many arrays and objects may be open at once, 0 to 64.
    package init(_ text: [UInt8], in range: Range<Int>? = nil, maximumDepth: Int = 64) {
        let range = range ?? 0..<text.count
        precondition(
            range.lowerBound >= 0 && range.upperBound <= text.count,
            "JSONReader: the range must lie inside the text")
        Self.checkDepth(maximumDepth)
        self.text = text
        self.offset = range.lowerBound
        self.end = range.upperBound
        self.maximumDepth = maximumDepth
    }

    static func checkDepth(_ maximumDepth: Int) {
        precondition(
            0...deepestNesting ~= maximumDepth, "JSONReader: maximumDepth must be 0 to 64")
    }

    /// Whether the outermost value has not been read yet.
    var isUnread: Bool { depth == 0 && position == .value }

    // MARK: - Values

    /// Returns the kind of the next value, which its first byte decides, and moves past whitespace
    /// only.
    package mutating func peekKind() throws(JSONError) -> JSONKind {
        precondition(
            position == .value,
            "JSONReader: no value can be here; call nextKey() or nextElement() first")
        offset = Scanner.whitespace(text.span.extracting(..<end), from: offset)
        guard offset < end else { throw JSONError(offset: offset, kind: .unexpectedEnd) }
        guard let kind = JSONKind(firstByte: text[offset]) else {
            if depth == 0, text[offset..<end].starts(with: [0xEF, 0xBB, 0xBF]) {
                throw JSONError(offset: offset, kind: .byteOrderMark)
            }
            throw JSONError(offset: offset, kind: .unexpectedByte(text[offset], expected: .value))
        }
        return kind
    }

    /// Moves to the next value's first byte, which must begin a value of the kind `expected`.
    mutating func expect(_ expected: JSONKind) throws(JSONError) {
        let found = try peekKind()
        guard found == expected else {
            throw JSONError(offset: offset, kind: .wrongType(expected: expected, found: found))
        }
    }

    /// Notes that the value ending before `index` has been read.
    mutating func pass(to index: Int) {
        offset = index
        position = depth == 0 ? .end : .separator
    }

    /// Checks that only whitespace follows the outermost value, which must have been read.
    package mutating func finish() throws(JSONError) {
        precondition(position == .end, "JSONReader: read the outermost value before finish()")
        offset = Scanner.whitespace(text.span.extracting(..<end), from: offset)
        guard offset == end else { throw JSONError(offset: offset, kind: .trailingBytes) }
    }

    // MARK: - Arrays and objects

    /// Enters an object, whose keys `nextKey` then returns.
    package mutating func beginObject() throws(JSONError) {
        try enter(.object)
    }

    /// Enters an array, to whose elements `nextElement` then moves.
    package mutating func beginArray() throws(JSONError) {
        try enter(.array)
    }

    private mutating func enter(_ kind: JSONKind) throws(JSONError) {
        try expect(kind)
        guard depth < maximumDepth else {
            throw JSONError(offset: offset, kind: .tooDeep(maximum: maximumDepth))
        }
        open = open << 1 | (kind == .object ? 1 : 0)
        depth += 1
        offset += 1
        position = .first
    }

    /// Moves to the value of the next member.
    ///
    /// A value that was not read since the last key is checked and skipped.
    ///
    /// - Returns: the member's key, decoded; nil when the object has ended.
    package mutating func nextKey() throws(JSONError) -> String? {
        try nextName().map(text)
    }

    /// Moves to the value of the next member, as `nextKey` does, without making a text of its key.
    ///
    /// - Returns: where the key stands; nil when the object has ended.
    mutating func nextName() throws(JSONError) -> JSONName? {
        precondition(
            depth > 0 && open & 1 == 1, "JSONReader: nextKey() needs beginObject() before it")
        if position == .value { try skipValue() }
        let next = try next(before: ASCII.rightBrace, or: .commaOrEndOfObject)
        guard !next.isEnd else {
            close(to: next.index)
            return nil
        }
        let member = try member(at: next.index)
        offset = member.value
        position = .value
        return member.name
    }

    /// Moves to the next element.
    ///
    /// An element that was not read is checked and skipped.
    ///
    /// - Returns: false when the array has ended.
    package mutating func nextElement() throws(JSONError) -> Bool {
        precondition(
            depth > 0 && open & 1 == 0, "JSONReader: nextElement() needs beginArray() before it")
        if position == .value { try skipValue() }
        let next = try next(before: ASCII.rightBracket, or: .commaOrEndOfArray)
        guard !next.isEnd else {
            close(to: next.index)
            return false
        }
        offset = next.index
        position = .value
        return true
    }

    private mutating func close(to index: Int) {
        open >>= 1
        depth -= 1
        pass(to: index)
    }

    /// Finds the next member or element, or the end of the object or array.
    ///
    /// - Returns: the index at which the member or element begins, or the one behind `closingByte`.
    private func next(
        before closingByte: UInt8, or expected: JSONError.Expected
    ) throws(JSONError) -> (index: Int, isEnd: Bool) {
        let bytes = text.span.extracting(..<end)
        let index = Scanner.whitespace(bytes, from: offset)
        let byte = try Scanner.byte(bytes, at: index)
        if byte == closingByte { return (index + 1, true) }
        guard position == .separator else { return (index, false) }
        guard byte == ASCII.comma else {
            throw JSONError(offset: index, kind: .unexpectedByte(byte, expected: expected))
        }
        return (Scanner.whitespace(bytes, from: index + 1), false)
    }

    /// Checks the key that begins at `index`.
    ///
    /// - Returns: where the key stands, and the index at which its value begins.
    private func member(at index: Int) throws(JSONError) -> (name: JSONName, value: Int) {
        let bytes = text.span.extracting(..<end)
        let quote = try Scanner.byte(bytes, at: index)
        guard quote == ASCII.quote else {
            let expected: JSONError.Expected = position == .first ? .keyOrEnd : .key
            throw JSONError(offset: index, kind: .unexpectedByte(quote, expected: expected))
        }
        let string = try Scanner.string(bytes, from: index + 1)
        let colon = Scanner.whitespace(bytes, from: string.end + 1)
        try Scanner.expectColon(bytes, at: colon)
        let range = index + 1..<string.end
        let name: JSONName =
            string.hasEscapes ? .decoded(try decodeEscapes(range)) : .plain(range)
        return (name, Scanner.whitespace(bytes, from: colon + 1))
    }

    /// Returns a key as text.
    func text(of name: JSONName) -> String {
        switch name {
        case .plain(let range): String(decoding: text[range], as: UTF8.self)
        case .decoded(let name): name
        }
    }

    /// Returns whether a key is this text.
    func isName(_ name: JSONName, _ expected: StaticString) -> Bool {
        switch name {
        case .plain(let range):
            guard range.count == expected.utf8CodeUnitCount else { return false }
            return unsafe text.span.extracting(range).withUnsafeBufferPointer { bytes in
                // An empty span may have no address.
                guard let start = bytes.baseAddress else { return true }
                return unsafe memcmp(start, expected.utf8Start, bytes.count) == 0
            }
        case .decoded(let name): return name == expected.description
        }
    }
}

/// The key of a member.
enum JSONName {
    /// It stands in this range of the text, without escapes.
    case plain(Range<Int>)
    /// It was written with escapes.
    case decoded(String)
}
