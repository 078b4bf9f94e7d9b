internal import Hub
internal import JSON
internal import Records
internal import Storage

/// Reads an event from a line of NDJSON, by the rules that hold for `POST /broadcast` and for an
/// export.
enum ImportedLine {
    /// Reads the event in `text[range]`.
    ///
    /// - Returns: the event; `nil` for an empty line.
    static func read(_ text: [UInt8], in range: Range<Int>) throws(InputError) -> RestoredPart? {
        if text[range].allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { return nil }
        let imported = try InputReader.read(text, in: range) { input throws(InputError) in
            try PublicationReader.readImported(&input)
        }
        guard imported.ended.isEmpty else { return .ended(imported.ended.map(\.name)) }
        let event = imported.publication
        return .event(
            RestoredEvent(
                NewEvent(
                    name: event.name.description, resources: event.resources.map(\.name),
                    data: event.data, isRetained: event.isRetained,
                    coalesceKey: event.coalesceKey, key: event.key, isEnd: event.isEnd,
                    lifetime: event.lifetime),
                at: imported.at, stateOf: imported.stateOf?.map(\.name),
                endOf: imported.endOf?.map(\.name)))
    }
}
