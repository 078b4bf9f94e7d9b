// A value is walked once, from its first byte to its last. What lies between two stretches of
// whitespace is handed on as one range, so that text which is compact already costs one copy.

extension JSONReader {
    /// Checks the next value, of any kind, and appends it to `output` without its insignificant
    /// whitespace, otherwise byte for byte as written.
    ///
    /// Key order, doubled keys, number text and escapes stay, lone surrogate escapes too: they are
    /// grammatical. What is appended is valid UTF-8 and contains no raw LF or CR. After a throw
    /// `output` is as it was.
    ///
    /// - Parameters:
    ///   - output: The array to append to.
    ///   - maximumDepth: How deep the value's arrays and objects may be nested, the value itself
    ///     counting as 1, whatever is open around it; 0 to 64.
    /// - Throws: an error at the byte where the text is not JSON or the value is nested too deep.
    package mutating func copyValue(
        into output: inout [UInt8], maximumDepth: Int = 64
    ) throws(JSONError) {
        Self.checkDepth(maximumDepth)
        _ = try peekKind()
        let count = output.count
        do throws(JSONError) {
            let index = try Self.walk(
                text.span.extracting(..<end), from: offset, maximumDepth: maximumDepth
            ) { output.append(contentsOf: text[$0]) }
            pass(to: index)
        } catch {
            output.removeLast(output.count - count)
            throw error
        }
    }

    /// Checks the next value, of any kind, and moves behind it.
    ///
    /// Its depth is counted as in `copyValue`, with the reader's `maximumDepth`.
    package mutating func skipValue() throws(JSONError) {
        _ = try peekKind()
        let index = try Self.walk(
            text.span.extracting(..<end), from: offset, maximumDepth: maximumDepth
        ) { _ in }
        pass(to: index)
    }

    /// Walks the value that begins at `start`, and passes the ranges of its significant bytes in
    /// order to `emit`.
    ///
    /// - Returns: the index behind the value.
    @inline(__always)
    private static func walk(
        _ text: Span<UInt8>, from start: Int, maximumDepth: Int, emit: (Range<Int>) -> Void
    ) throws(JSONError) -> Int {
        var walk = Walk(index: start, pending: start)
        while true {
            let byte = try Scanner.byte(text, at: walk.index)
            guard let kind = JSONKind(firstByte: byte) else {
                throw JSONError(
                    offset: walk.index, kind: .unexpectedByte(byte, expected: .value))
            }
            switch kind {
            case .string:
                walk.index = try Scanner.string(text, from: walk.index + 1).end + 1
            case .number:
                walk.index = try Scanner.number(text, from: walk.index)
            case .boolean, .null:
                walk.index = try Scanner.literal(text, from: walk.index)
            case .object, .array:
                guard walk.depth < maximumDepth else {
                    throw JSONError(offset: walk.index, kind: .tooDeep(maximum: maximumDepth))
                }
                walk.open(isObject: kind == .object)
                walk.step(text, emit)
                if try Scanner.byte(text, at: walk.index) != walk.closingByte {
                    if walk.isInObject { try walk.key(text, orEnd: true, emit) }
                    continue
                }
                walk.close()
            }
            guard try walk.afterValue(text, emit) else {
                emit(walk.pending..<walk.index)
                return walk.index
            }
        }
    }
}

/// The state of a walk over one value.
private struct Walk {
    var index: Int
    /// The index of the first byte that was not passed on yet.
    var pending: Int
    var depth = 0
    /// A bit for each open object (1) or array (0), the innermost lowest.
    private var stack: UInt64 = 0

    init(index: Int, pending: Int) {
        self.index = index
        self.pending = pending
    }

    var isInObject: Bool { stack & 1 == 1 }
    var closingByte: UInt8 { isInObject ? ASCII.rightBrace : ASCII.rightBracket }

    mutating func open(isObject: Bool) {
        stack = stack << 1 | (isObject ? 1 : 0)
        depth += 1
    }

    /// Steps over the closing byte, at which the walk stands.
    mutating func close() {
        stack >>= 1
        depth -= 1
        index += 1
    }

    @inline(__always)
    mutating func skipWhitespace(_ text: Span<UInt8>, _ emit: (Range<Int>) -> Void) {
        let next = Scanner.whitespace(text, from: index)
        guard next != index else { return }
        emit(pending..<index)
        pending = next
        index = next
    }

    /// Steps over the byte at which the walk stands and the whitespace behind it.
    @inline(__always)
    mutating func step(_ text: Span<UInt8>, _ emit: (Range<Int>) -> Void) {
        index += 1
        skipWhitespace(text, emit)
    }

    /// Steps over a key and its colon, to the member's value.
    @inline(__always)
    mutating func key(
        _ text: Span<UInt8>, orEnd: Bool, _ emit: (Range<Int>) -> Void
    ) throws(JSONError) {
        let quote = try Scanner.byte(text, at: index)
        guard quote == ASCII.quote else {
            throw JSONError(
                offset: index, kind: .unexpectedByte(quote, expected: orEnd ? .keyOrEnd : .key))
        }
        index = try Scanner.string(text, from: index + 1).end + 1
        skipWhitespace(text, emit)
        try Scanner.expectColon(text, at: index)
        step(text, emit)
    }

    /// Closes the objects and arrays that end behind a value, and moves to the next value.
    ///
    /// - Returns: false when the walk is over.
    @inline(__always)
    mutating func afterValue(
        _ text: Span<UInt8>, _ emit: (Range<Int>) -> Void
    ) throws(JSONError) -> Bool {
        while depth > 0 {
            skipWhitespace(text, emit)
            let byte = try Scanner.byte(text, at: index)
            if byte == ASCII.comma {
                step(text, emit)
                if isInObject { try key(text, orEnd: false, emit) }
                return true
            }
            guard byte == closingByte else {
                throw JSONError(
                    offset: index,
                    kind: .unexpectedByte(
                        byte, expected: isInObject ? .commaOrEndOfObject : .commaOrEndOfArray))
            }
            close()
        }
        return false
    }
}
