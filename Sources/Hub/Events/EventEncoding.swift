internal import JSON

/// How an event is written: the SSE block and its JSON envelope.
package struct EventEncoding: Sendable {
    package let epoch: Epoch
    private let idPrefix: [UInt8]

    package init(epoch: Epoch) {
        self.epoch = epoch
        idPrefix = Array("id: \(epoch)-".utf8)
    }

    /// The frame of an event that has its place in the log, or is transient (`sequence` nil).
    package func frame(
        _ publication: Publication, sequence: UInt64?, at timestamp: String
    ) -> EventFrame {
        var block: [UInt8] = []
        block.reserveCapacity(publication.data.count + 160)
        if let sequence {
            block += idPrefix
            block.append(decimal: sequence)
            block.append(10)
        }
        let members = Self.appendEvent(publication, at: timestamp, to: &block)
        return EventFrame(
            block, content: sequence.map { .durable(sequence: $0) } ?? .transient,
            name: publication.name.description, resources: publication.resources,
            coalesceKey: publication.coalesceKey, members: members)
    }

    /// The frame of a retained event in a snapshot: without `id:`, so that a client's cursor stays where it
    /// is, and with the id in the envelope.
    package func stateFrame(
        _ publication: Publication, sequence: UInt64, at timestamp: String
    ) -> EventFrame {
        var block: [UInt8] = []
        block.reserveCapacity(publication.data.count + 200)
        let members = Self.appendEvent(
            publication, at: timestamp, to: &block,
            closing: ",\"id\":\"\(EventID(epoch: epoch, sequence: sequence))\",\"retained\":true")
        return EventFrame(
            block, content: .control, name: publication.name.description,
            resources: publication.resources, members: members)
    }

    /// Appends all but the `id:` line; where the envelope's first members stand.
    private static func appendEvent(
        _ publication: Publication, at timestamp: String, to block: inout [UInt8],
        closing: String = ""
    ) -> Range<Int> {
        block.append(literal: "event: ")
        block.append(text: publication.name.description)
        block.append(literal: "\ndata: {")
        let start = block.count
        appendMembers(of: publication, at: timestamp, to: &block)
        let members = start..<block.count
        block.append(text: closing)
        block.append(literal: "}\n\n")
        return members
    }

    private static func appendMembers(
        of publication: Publication, at timestamp: String, to block: inout [UInt8]
    ) {
        block.append(literal: "\"resources\":[")
        for (index, resource) in publication.resources.enumerated() {
            if index > 0 { block.append(UInt8(ascii: ",")) }
            appendJSONString(resource.name, to: &block)
        }
        block.append(literal: "],\"at\":\"")
        block.append(text: timestamp)
        block.append(literal: "\",\"data\":")
        block += publication.data
    }
}
