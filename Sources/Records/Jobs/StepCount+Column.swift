extension StepCount: ColumnElement {
    // One line per count: what is counted, how many are done, how many there are.

    package static func columnValue(of elements: [StepCount]) -> ColumnValue {
        if elements.isEmpty { return .null }
        return .text(
            elements.map { "\($0.name) \($0.completed) \($0.total)" }.joined(separator: "\n"))
    }

    package static func elements(in columnValue: ColumnValue) -> [StepCount] {
        String(columnValue: columnValue).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 3, let completed = Int(parts[1]), let total = Int(parts[2])
            else { return nil }
            return StepCount(name: String(parts[0]), completed: completed, total: total)
        }
    }
}
