internal import JSON

/// The forms in which an event of a stream is shown.
package enum EventText {
    /// Returns a line for people: time, name, resources and data, without a line end.
    package static func line(event: String, envelope: Members, isColoured: Bool) -> [UInt8] {
        let at = envelope.string("at") ?? ""
        let time = String(at.dropFirst(11).prefix(12))
        let resources = envelope.strings("resources").joined(separator: ",")
        let retained = envelope.boolean("retained") == true ? "  (retained)" : ""
        let head =
            isColoured
            ? "\u{1B}[2m\(time)\u{1B}[0m  \u{1B}[1m\(event)\u{1B}[0m  \u{1B}[36m"
            : "\(time)  \(event)  "
        return Array(head.utf8) + visible(Array(resources.utf8))
            + Array(((isColoured ? "\u{1B}[0m" : "") + "  ").utf8)
            + visible(envelope.json("data") ?? []) + Array(retained.utf8)
    }

    /// Returns the event as one JSON object, as `GET /poll` gives it, without a line end.
    package static func json(event: String, id: String?, envelope: Members) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", id ?? envelope.string("id"))
        writer.member("event", event)
        writer.member("resources", envelope.strings("resources"))
        writer.member("at", envelope.string("at"))
        writer.member("data", json: envelope.json("data"))
        if envelope.boolean("retained") == true { writer.member("retained", true) }
        writer.endObject()
        return writer.bytes
    }

    /// Returns a job's progress as a bar of at most `width` columns.
    package static func bar(job: Members, width: Int) -> String {
        let progress = max(0, min(100, job.number("progress") ?? 0))
        let state = job.string("state") ?? "?"
        let filled = Int(progress / 5)
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let text = job.string("error") ?? job.string("message") ?? ""
        let head = "\(job.string("kind") ?? "job") \(job.string("id") ?? "")"
        let line = "\(head)  \(bar) \(Int(progress)) %  \(state)  \(text)"
        let shown = String(decoding: visible(Array(line.utf8)), as: UTF8.self)
        return String(shown.prefix(max(1, width - 1)))
    }

    /// Replaces what a terminal would obey, as events hold what anyone has published.
    package static func visible(_ text: [UInt8]) -> [UInt8] {
        var shown = String.UnicodeScalarView()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            shown.append(TerminalText.isObeyed(scalar) ? "\u{FFFD}" : scalar)
        }
        return Array(String(shown).utf8)
    }
}
