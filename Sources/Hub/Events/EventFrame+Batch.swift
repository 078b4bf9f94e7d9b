// The event `batch`: events of one window, for a stream that asked for that.
//
// Format: `{"events":[{id,event,resources,at,data}…]}`, and as `id:` that of the last durable event
//   in it. The id of a transient event is null.
// Cost: nothing is encoded again. The id, the resources, the time and the data of each event are
//   copied from its own block, as they are there.

extension EventFrame {
    /// Makes the batch of 2 to 255 producers' events, oldest first.
    convenience init(batching frames: [EventFrame]) {
        // An element is about as long as its event's chunk.
        var writer = FrameWriter(size: frames.reduce(64) { $0 + $1.byteCount })
        writer.append("event: batch\ndata: {\"events\":[")
        var first: UInt64?
        var last: EventFrame?
        var transientCount = 0
        for (index, frame) in frames.enumerated() {
            if index > 0 { writer.append(",") }
            frame.appendElement(to: &writer)
            transientCount += Int(frame.transientCount)
            guard let sequence = frame.sequence else { continue }
            first = first ?? sequence
            last = frame
        }
        writer.append("]}\n")
        if let last {
            writer.append("id: ")
            unsafe writer.append(last.idText)
            writer.append("\n")
        }
        writer.append("\n")
        self.init(writer, batchOf: frames.count, transient: transientCount, from: first)
    }

    private func appendElement(to writer: inout FrameWriter) {
        if sequence == nil {
            writer.append("{\"id\":null")
        } else {
            writer.append("{\"id\":\"")
            unsafe writer.append(idText)
            writer.append("\"")
        }
        writer.append(",\"event\":\"")
        writer.append(text: name)
        writer.append("\",")
        unsafe writer.append(slice(of: memberRangeOfBlock))
        writer.append("}")
    }

    /// The id of a durable event, which stands behind its envelope as `id: ` and before the empty
    /// line.
    private var idText: UnsafeRawBufferPointer {
        let start = memberRangeOfBlock.upperBound + "}\nid: ".utf8.count
        let end = unsafe block.count - "\n\n".utf8.count
        return unsafe slice(of: start..<end)
    }

    private func slice(of range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: block[range])
    }
}
