internal import Telemetry

/// An event as a subscription gives it.
public struct Event: Sendable, Equatable {
    /// The event's place in the log; `nil` for a transient event, which has none.
    public let id: EventID?
    /// The name under which it was published.
    public let name: String
    /// All resources to which it was published, not only those that were asked for.
    public let resources: [String]
    /// When it was published, by the log's time, in milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64
    /// The event's JSON value, compact, as text in UTF-8.
    public let data: [UInt8]
    /// Whether the event is part of the state with which the subscription begins.
    public let isState: Bool

    /// `data` as a string.
    public var text: String { String(decoding: data, as: UTF8.self) }

    /// Makes an event of a frame.
    ///
    /// The data is not parsed: it may come from a damaged store, and is handed on as it is.
    init(_ frame: EventFrame, epoch: Epoch) {
        name = frame.name
        resources = frame.resources.map(\.name)
        isState = frame.content == .control
        let members = frame.members
        // A quote within a name is escaped, so the first place with these marks is the right one.
        let time = members.firstEnd(of: "],\"at\":\"") ?? members.endIndex
        let timeEnd = members[time...].firstIndex(of: UInt8(ascii: "\"")) ?? members.endIndex
        let text = String(decoding: members[time..<timeEnd], as: UTF8.self)
        milliseconds = Timestamp(text)?.milliseconds ?? 0
        data = Array(members[timeEnd...].dropFirst("\",\"data\":".utf8.count))
        id =
            isState
            ? Self.id(ofState: frame) : frame.sequence.map { EventID(epoch: epoch, sequence: $0) }
    }

    /// Returns the id that stands in the envelope of a retained event, behind its data.
    private static func id(ofState frame: EventFrame) -> EventID? {
        let end = "\",\"retained\":true}\n\n".utf8.count
        let text = unsafe frame.block.dropLast(end)
        let start = unsafe text.lastIndex(of: UInt8(ascii: "\"")).map { $0 + 1 } ?? text.endIndex
        return unsafe EventID(String(decoding: text[start...], as: UTF8.self))
    }
}

extension [UInt8] {
    /// Returns the index behind the first place where `text` stands.
    fileprivate func firstEnd(of text: StaticString) -> Int? {
        let wanted = Array("\(text)".utf8)
        return indices.first { self[$0...].starts(with: wanted) }.map { $0 + wanted.count }
    }
}
