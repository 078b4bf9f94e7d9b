/// One log record and its formats: a pure value that reads no clock and writes nothing.
///
/// A line is at most `limit` bytes with its line feed, because a pipe takes that much in one piece
/// (POSIX `PIPE_BUF`). A long value is cut. A field that does not fit is left out with all that
/// follow it, and the line then ends with `truncated`. Values come from the network, so everything
/// that could forge a line or control a terminal is escaped.
struct LogLine {
    static let limit = 4096
    static let valueLimit = 1024

    let time: Timestamp
    let level: Log.Level
    let message: StaticString
    let fields: Log.Fields

    func rendered(as format: Log.Format) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    private var text: String {
        let level = level.rawValue
        let gap = String(repeating: " ", count: 7 - level.count)
        let start = "\(time) \(level)\(gap) " + "\(message)".escaped(limit: Self.valueLimit)
        return assembled(start: start, end: "\n", truncated: " truncated=true") { key, value in
            switch value {
            case .literal(let literal): " \(key.bareOrQuoted)=\(literal)"
            case .string(let string): " \(key.bareOrQuoted)=\(string.bareOrQuoted)"
            }
        }
    }

    private var json: String {
        let start =
            "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":\("\(message)".quoted)"
        return assembled(start: start, end: "}\n", truncated: ",\"truncated\":true") { key, value in
            switch value {
            case .literal(let literal): ",\(key.quoted):\(literal)"
            case .string(let string): ",\(key.quoted):\(string.quoted)"
            }
        }
    }

    private func assembled(
        start: String, end: String, truncated: String, field: (String, Scalar) -> String
    ) -> String {
        var line = start
        let room = Self.limit - end.utf8.count - truncated.utf8.count
        for (key, value) in fields {
            let piece = field(key, Scalar(value))
            guard line.utf8.count + piece.utf8.count <= room else {
                return line + truncated + end
            }
            line += piece
        }
        return line + end
    }
}

extension LogLine {
    /// A field's value, as far as the formats tell values apart.
    private enum Scalar {
        /// A number or boolean, which reads the same in JSON.
        case literal(String)
        case string(String)

        init(_ value: any Sendable) {
            switch value {
            case let value as any BinaryInteger: self = .literal(value.description)
            case let value as Bool: self = .literal(value.description)
            case let value as Double where value.isFinite: self = .literal(value.description)
            default: self = .string(String(describing: value))
            }
        }
    }
}

extension String {
    fileprivate var quoted: String {
        "\"" + escaped(limit: LogLine.valueLimit) + "\""
    }

    fileprivate var bareOrQuoted: String {
        let bare =
            !isEmpty && utf8.count <= LogLine.valueLimit
            && unicodeScalars.allSatisfy { scalar in
                scalar != " " && scalar != "=" && !scalar.needsEscape
            }
        return bare ? self : quoted
    }

    /// Returns the text with JSON's escapes, cut with an ellipsis before it passes `limit` bytes.
    fileprivate func escaped(limit: Int) -> String {
        var result = ""
        for scalar in unicodeScalars {
            let piece = scalar.needsEscape ? scalar.jsonEscape : String(scalar)
            guard result.utf8.count + piece.utf8.count <= limit - 3 else { return result + "…" }
            result += piece
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether the character would end a line or a string, or is a command to terminals (control
    /// characters) or to text layout (line separators, marks of direction).
    fileprivate var needsEscape: Bool {
        switch value {
        case 0x20, 0x21, 0x23...0x5B, 0x5D...0x7E: false
        case 0..<0x20, 0x22, 0x5C, 0x7F...0x9F: true
        case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The escape of RFC 8259 section 7, which only scalars of the basic plane need here.
    fileprivate var jsonEscape: String {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}
