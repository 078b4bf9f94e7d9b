// An event as its producer gave it, for readers that know nothing of the hub's envelope.
//
// Format: `event:` with the name, unless it is `message`; the data, a `data:` line for each of its
//   lines; `id:` where the event has one. A JSON string is its text, and any other value compact
//   JSON, which has no line ends.
// Safety: a producer controls nothing but the content of `data:` lines. Line ends of a text are
//   those at which an EventSource ends a line (CR, LF, and both), so that no text begins a line of
//   its own. All else is sent as it is, NUL and U+2028 included; an escape for half of a pair of
//   surrogates, which no text can hold, becomes U+FFFD.

extension EventFrame {
    /// Makes the raw form of an event's frame.
    convenience init(rawFormOf frame: EventFrame, counting ledger: FormLedger) {
        let block = unsafe Array(frame.block)
        let end = frame.memberRangeOfBlock.upperBound
        var writer = FrameWriter(size: block.count)
        if frame.name != EventName.message.description {
            writer.append("event: ")
            writer.append(text: frame.name)
            writer.append("\n")
        }
        writer.append(RawData.lines(of: block[frame.dataStart(in: block)..<end]))
        // Behind the envelope of an event stand its id and the empty line. An event of a snapshot
        // has its id within the envelope: the client's cursor stays where it is.
        if frame.content == .control {
            writer.append("\n")
        } else {
            writer.append(Array(block[(end + "}\n".utf8.count)...]))
        }
        self.init(writer, formOf: frame, members: 0..<0, counting: ledger)
    }

    /// Returns where the envelope's data begins in `block`.
    func dataStart(in block: [UInt8]) -> Int {
        // The time has no quotes.
        let time = resourceList.upperBound + "],\"at\":\"".utf8.count
        let timeEnd = block[time...].firstIndex(of: UInt8(ascii: "\"")) ?? time
        return timeEnd + "\",\"data\":".utf8.count
    }
}

/// The `data:` lines of a JSON value.
enum RawData {
    private static let begin = Array("data: ".utf8)

    /// Returns the lines of a compact JSON value, each with its end.
    static func lines(of json: ArraySlice<UInt8>) -> [UInt8] {
        guard json.first == UInt8(ascii: "\"") else { return begin + json + [10] }
        var text = EscapedText(rest: json.dropFirst().dropLast())
        var lines = begin
        lines.reserveCapacity(json.count + 16)
        var isBehindReturn = false
        while let part = text.next() {
            switch part {
            case .plain(let bytes):
                lines += bytes
                isBehindReturn = false
            // JSON has no raw line ends in its strings, so each is an escape.
            case .escape("\n") where isBehindReturn: isBehindReturn = false
            case .escape(let scalar) where scalar == "\n" || scalar == "\r":
                lines.append(10)
                lines += begin
                isBehindReturn = scalar == "\r"
            case .escape(let scalar):
                lines += Array(String(scalar).utf8)
                isBehindReturn = false
            }
        }
        lines.append(10)
        return lines
    }
}

/// The content of a JSON string that is known to be well formed (RFC 8259, section 7).
private struct EscapedText {
    enum Part {
        /// Bytes without an escape, at least one.
        case plain(ArraySlice<UInt8>)
        case escape(Unicode.Scalar)
    }

    private static let backslash = UInt8(ascii: "\\")
    var rest: ArraySlice<UInt8>

    mutating func next() -> Part? {
        guard let first = rest.first else { return nil }
        guard first != Self.backslash else { return .escape(takeEscape()) }
        let plain = rest.prefix { $0 != Self.backslash }
        rest = rest[plain.endIndex...]
        return .plain(plain)
    }

    private mutating func takeEscape() -> Unicode.Scalar {
        let letter = rest[rest.startIndex + 1]
        guard letter == UInt8(ascii: "u") else {
            rest = rest.dropFirst(2)
            switch letter {
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            default: return Unicode.Scalar(letter)
            }
        }
        guard let unit = takeUnit() else { return "\u{FFFD}" }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let behind = rest
        guard UTF16.isLeadSurrogate(unit), let trail = takeUnit(), UTF16.isTrailSurrogate(trail)
        else {
            rest = behind
            return "\u{FFFD}"
        }
        let pair = UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF)
        return Unicode.Scalar(0x1_0000 + pair) ?? "\u{FFFD}"
    }

    /// Takes the code unit of an escape with four hexadecimal digits, if one comes next.
    private mutating func takeUnit() -> UInt16? {
        guard rest.starts(with: [Self.backslash, UInt8(ascii: "u")]) else { return nil }
        let digits = String(decoding: rest.dropFirst(2).prefix(4), as: UTF8.self)
        guard let unit = UInt16(digits, radix: 16) else { return nil }
        rest = rest.dropFirst(6)
        return unit
    }
}
