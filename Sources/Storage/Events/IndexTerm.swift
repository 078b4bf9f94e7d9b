/// Names as words of the full-text index.
///
/// Its tokenizer makes small letters of large ones and separates words at everything but letters,
/// digits, bytes beyond ASCII, and what its table was told to leave alone. So other bytes are
/// escaped: `~` and two hexadecimal digits.
enum IndexTerm {
    /// The names under which an event is found: its resources, and each of their kinds once.
    static func names(of resources: [String]) -> [String] {
        guard resources.count > 1 else { return resources + resources.map(pattern) }
        return resources + Set(resources.map(pattern))
    }

    /// Appends the words of an event whose resources are in `list`, separated by commas as the
    /// store keeps them.
    ///
    /// The word of a kind may come more than once.
    static func append(wordsOf list: borrowing Span<UInt8>, to words: inout [UInt8]) {
        var start = words.count
        var kind: Range<Int>?
        for index in list.indices {
            let byte = list[index]
            if byte == UInt8(ascii: ",") {
                endName(in: &words, from: start, kind)
                (start, kind) = (words.count, nil)
            } else {
                append(byte, to: &words)
                if byte == UInt8(ascii: ":"), kind == nil { kind = start..<words.count }
            }
        }
        endName(in: &words, from: start, kind)
    }

    /// Ends the name that begins at `start` and appends the word of its kind.
    private static func endName(in words: inout [UInt8], from start: Int, _ kind: Range<Int>?) {
        guard start < words.count else { return }
        let kind = kind ?? start..<words.count
        words.append(UInt8(ascii: " "))
        for index in kind { words.append(words[index]) }
        words.append(UInt8(ascii: "*"))
        words.append(UInt8(ascii: " "))
    }

    /// A query for the events that have one of the names.
    static func query(for names: [String]) -> String {
        names.map { "\"\(word(for: $0))\"" }.joined(separator: " OR ")
    }

    /// The word for one name.
    static func word(for name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 { append(byte, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name that became a word.
    static func name(of word: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == escape, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let escape = UInt8(ascii: "~")

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: ":"), UInt8(ascii: "*"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"), 0x80...:
            bytes.append(byte)
        default:
            bytes.append(escape)
            bytes.append(digit(byte >> 4))
            bytes.append(digit(byte & 15))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The pattern of a resource's kind: `post:*` of `post:1`; of a name without a colon, all of
    /// it.
    private static func pattern(of resource: String) -> String {
        let name = resource.utf8
        let kind = name.firstIndex(of: UInt8(ascii: ":")).map { name[...$0] } ?? name[...]
        return String(Substring(kind)) + "*"
    }
}
