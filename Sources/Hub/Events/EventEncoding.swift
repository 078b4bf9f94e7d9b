package import Telemetry

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
        _ publication: borrowing Publication, sequence: UInt64?, at time: Timestamp
    ) -> EventFrame {
        var block = FrameWriter(size: Self.estimatedSize(publication))
        let members = Self.appendEvent(publication, at: time, to: &block)
        block.append("}\n")
        if let sequence {
            block.append(idPrefix)
            block.append(decimal: sequence)
            block.append("\n")
        }
        block.append("\n")
        return EventFrame(
            block, of: publication, content: sequence.map { .durable(sequence: $0) } ?? .transient,
            members: members)
    }

    /// The frame of a retained event in a snapshot: without `id:`, so that a client's cursor stays
    /// where it is, and with the id in the envelope.
    package func stateFrame(
        _ publication: borrowing Publication, sequence: UInt64, at time: Timestamp
    ) -> EventFrame {
        var block = FrameWriter(size: Self.estimatedSize(publication))
        let members = Self.appendEvent(publication, at: time, to: &block)
        block.append(",\"id\":\"")
        block.append(text: epoch.description)
        block.append("-")
        block.append(decimal: sequence)
        block.append("\",\"retained\":true}\n\n")
        return EventFrame(block, of: publication, content: .control, members: members)
    }

    /// Bytes that a block most often takes at most: its fixed parts, the position and the time
    /// are up to 130, and names that need no escapes have two quotes and a comma.
    private static func estimatedSize(_ publication: borrowing Publication) -> Int {
        var size = 130 + publication.data.count
        for resource in publication.resources { size += resource.name.utf8.count + 3 }
        return size
    }

    /// Appends the block up to the data of the envelope, which is left open.
    ///
    /// - Returns: where the envelope's members stand in what was written.
    private static func appendEvent(
        _ publication: borrowing Publication, at time: Timestamp, to block: inout FrameWriter
    ) -> Range<Int> {
        block.append("event: ")
        block.append(text: publication.name.description)
        block.append("\ndata: {")
        let start = block.count
        var separator: StaticString = "\"resources\":["
        for resource in publication.resources {
            block.append(separator)
            block.append(jsonString: resource.name)
            separator = ","
        }
        block.append("],\"at\":\"")
        block.append(time)
        block.append("\",\"data\":")
        block.append(lineSafe: publication.data)
        return start..<block.count
    }
}
