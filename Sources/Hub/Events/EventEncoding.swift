internal import JSON

/// How an event is written: the SSE block and its JSON envelope.
///
/// `id:` is the last line of a block: clients exist that keep the id of a block that was cut, and
/// would come back with the cursor of an event that they never had.
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
        let members = Self.appendEvent(publication, at: timestamp, to: &block)
        block.append(literal: "}\n")
        if let sequence {
            block += idPrefix
            block.append(decimal: sequence)
            block.append(10)
        }
        block.append(10)
        return EventFrame(
            block, content: sequence.map { .durable(sequence: $0) } ?? .transient,
            name: publication.name.description, resources: publication.resources,
            coalesceKey: publication.coalesceKey, mark: publication.mark, members: members)
    }

    /// The frame of a retained event in a snapshot: without `id:`, so that a client's cursor stays
    /// where it is, and with the id in the envelope.
    package func stateFrame(
        _ publication: Publication, sequence: UInt64, at timestamp: String
    ) -> EventFrame {
        var block: [UInt8] = []
        block.reserveCapacity(publication.data.count + 200)
        let members = Self.appendEvent(publication, at: timestamp, to: &block)
        block.append(literal: ",\"id\":\"")
        EventID(epoch: epoch, sequence: sequence).append(to: &block)
        block.append(literal: "\",\"retained\":true}\n\n")
        return EventFrame(
            block, content: .control, name: publication.name.description,
            resources: publication.resources, mark: publication.mark, members: members)
    }

    /// Appends the block up to the data of the envelope, which is left open; where its members
    /// stand.
    private static func appendEvent(
        _ publication: Publication, at timestamp: String, to block: inout [UInt8]
    ) -> Range<Int> {
        block.append(literal: "event: ")
        block.append(text: publication.name.description)
        block.append(literal: "\ndata: {")
        let start = block.count
        appendMembers(of: publication, at: timestamp, to: &block)
        return start..<block.count
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
        block.append(lineSafe: publication.data)
    }
}
