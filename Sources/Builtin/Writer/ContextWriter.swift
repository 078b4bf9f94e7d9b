/// Describes a database from its schema alone, without a model.
///
/// It reads the lines that begin with `Database:`, `Area` and `Table`, and says what they add up
/// to.
enum ContextWriter {
    private struct Area {
        let name: String
        let tables: [Substring]
    }

    private struct Table {
        let name: String
        let columns: [Substring]

        /// The tables that its columns name.
        var links: [String] {
            columns.compactMap { column in
                guard let arrow = column.firstRange(of: "-> ") else { return nil }
                return String(column[arrow.upperBound...])
            }
        }

        /// A column whose name speaks of time.
        var time: Substring? {
            columns.map { $0.prefix { $0 != " " } }.first { name in
                let name = name.lowercased()
                return name.hasSuffix("_at") || name.contains("date") || name.contains("time")
            }
        }
    }

    static func write(_ prompt: String) -> String {
        let lines = prompt.split(separator: "\n")
        let areas = lines.compactMap(area)
        let tables = lines.compactMap(table)
        let size = lines.first { $0.hasPrefix("Database: ") }?.dropFirst(10) ?? "an unknown size"
        let main = areas.first?.tables.first.map(String.init) ?? tables.first?.name ?? "the data"
        let subjects = list(areas.prefix(3).map(\.name))
        var text = "A database of \(size), about \(subjects.isEmpty ? main : subjects). "
        text += "Most of it hangs together around \(main)"
        let namers = tables.filter { $0.links.contains(main) }.map(\.name)
        text += namers.isEmpty ? ".\n\n" : ", which \(list(namers.prefix(4))) refer to.\n\n"
        text += "## Areas\n\n"
        for area in areas.prefix(12) {
            let shown = area.tables.prefix(6).joined(separator: ", ")
            let more = area.tables.count > 6 ? " and \(area.tables.count - 6) more" : ""
            text +=
                "- **\(area.name)** has \(count(area.tables.count, "table")): \(shown)\(more).\n"
        }
        text += "\n## Questions\n\n"
        for question in questions(main, tables).prefix(6) { text += "- \(question)\n" }
        return text
    }

    private static func questions(_ main: String, _ tables: [Table]) -> [String] {
        var questions = ["How many \(main) are there?"]
        for table in tables {
            if let link = table.links.first, link != table.name {
                questions.append("Which \(link) have the most \(table.name)?")
            }
            if let time = table.time {
                questions.append("How have \(table.name) changed over time, by \(time)?")
            }
        }
        if let first = tables.first(where: { $0.columns.count > 1 }) {
            let column = first.columns[1].prefix { $0 != " " }
            questions.append("Which values does \(column) of \(first.name) have most often?")
        }
        questions.append("Which \(main) miss a value that others have?")
        return questions
    }

    private static func area(_ line: Substring) -> Area? {
        guard line.hasPrefix("Area "), let colon = line.firstRange(of: "): ") else { return nil }
        let name = line[..<colon.lowerBound].dropFirst(5).split(separator: " (").first ?? ""
        return Area(name: String(name), tables: parts(line[colon.upperBound...]))
    }

    private static func table(_ line: Substring) -> Table? {
        guard line.hasPrefix("Table "), let colon = line.firstRange(of: ": ") else { return nil }
        return Table(
            name: String(line[..<colon.lowerBound].dropFirst(6)),
            columns: parts(line[colon.upperBound...]))
    }

    private static func parts(_ text: Substring) -> [Substring] {
        text.split(separator: ",").map { $0.drop { $0 == " " } }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "one \(noun)" : "\(number) \(noun)s"
    }

    private static func list(_ words: some Collection<String>) -> String {
        guard words.count > 1, let last = Array(words).last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}
