extension JobFailure: ColumnElement {
    // One line per failure: attempt, time, text; the text's own line feeds become spaces.

    package static func columnValue(of elements: [JobFailure]) -> ColumnValue {
        let lines = elements.map { failure in
            let text = String(failure.error.unicodeScalars.map { $0 == "\n" ? " " : Character($0) })
            return "\(failure.attempt) \(failure.at) \(text)"
        }
        return .text(lines.joined(separator: "\n"))
    }

    package static func elements(in columnValue: ColumnValue) -> [JobFailure] {
        let lines = String(columnValue: columnValue).utf8.split(separator: UInt8(ascii: "\n"))
        return lines.compactMap { line in
            let parts = line.split(
                separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let attempt = Int(Substring(parts[0])),
                let at = Int64(Substring(parts[1]))
            else { return nil }
            return JobFailure(attempt: attempt, at: at, error: String(Substring(parts[2])))
        }
    }
}
