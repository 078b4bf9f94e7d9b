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
        block += "event: ".utf8
        block += publication.name.description.utf8
        block += "\ndata: {".utf8
        let start = block.count
        appendMembers(of: publication, at: timestamp, to: &block)
        let members = start..<block.count
        block += closing.utf8
        block += "}\n\n".utf8
        return members
    }

    private static func appendMembers(
        of publication: Publication, at timestamp: String, to block: inout [UInt8]
    ) {
        block += "\"resources\":[".utf8
        for (index, resource) in publication.resources.enumerated() {
            if index > 0 { block.append(UInt8(ascii: ",")) }
            appendJSONString(resource.name, to: &block)
        }
        block += "],\"at\":\"".utf8
        block += timestamp.utf8
        block += "\",\"data\":".utf8
        block += publication.data
    }
}

extension [UInt8] {
    /// Appends a number in decimal digits without making a string of it.
    mutating func append(decimal number: UInt64) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(48 + rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
