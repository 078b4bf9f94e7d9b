package import Telemetry

/// Encodes an event as an SSE block with a JSON envelope.
///
/// `id:` is the last line of a block, because some clients keep the id of a block that was cut off:
/// they would come back with the cursor of an event that they never got.
package struct EventEncoding: Sendable {
    package let epoch: Epoch
    private let idPrefix: [UInt8]

    package init(epoch: Epoch) {
        self.epoch = epoch
        idPrefix = Array("id: \(epoch)-".utf8)
    }

    /// Encodes an event that has its place in the log, or is transient (`sequence` is nil).
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

    /// Encodes a retained event for a snapshot.
    ///
    /// The block has no `id:`, so that a client's cursor stays where it is. The id is in the
    /// envelope.
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

    /// Returns a number of bytes that a block seldom exceeds.
    ///
    /// Its fixed parts, the position and the time are up to 130 bytes. Around a resource's name
    /// without escapes stand two quotes and a comma.
    private static func estimatedSize(_ publication: borrowing Publication) -> Int {
        var size = 130 + publication.data.count
        for resource in publication.resources { size += resource.name.utf8.count + 3 }
        return size
    }

    /// Appends the block up to and with the envelope's data, and leaves the envelope open.
    ///
    /// - Returns: the range of the envelope's members in the bytes that were written.
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
