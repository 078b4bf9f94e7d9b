internal import JSON

/// The events in which the hub itself speaks to one stream.
package struct ControlEvents: Sendable {
    /// What a client waits before its first reconnect, in milliseconds, unless told otherwise.
    package static let retry = 1000

    private let epoch: Epoch

    package init(epoch: Epoch) {
        self.epoch = epoch
    }

    /// Opens a stream; `keepalive` in seconds.
    package func connected(
        connection: String, selectors: [Selector], resumed: Bool, keepalive: Double
    ) -> [UInt8] {
        block("connected", retry: Self.retry) { json in
            json.member("connection", connection)
            Self.write(selectors, to: &json)
            json.member("resumed", resumed)
            json.member("keepalive", keepalive)
        }
    }

    /// Says that a cursor could not be resumed, and from where the log is still kept.
    package func reset(_ reason: ResetReason, oldest: UInt64) -> [UInt8] {
        block("reset") { json in
            json.member("reason", reason.rawValue)
            json.member("oldest", EventID(epoch: epoch, sequence: oldest).description)
        }
    }

    /// Ends the catching up: from here on events come as they happen.
    package func live(at sequence: UInt64) -> [UInt8] {
        let cursor = EventID(epoch: epoch, sequence: sequence).description
        return block("live", id: cursor) { json in
            json.member("cursor", cursor)
        }
    }

    /// A sign of life; carries the cursor unless the stream is behind.
    package func keepalive(at sequence: UInt64?) -> [UInt8] {
        let cursor = sequence.map { EventID(epoch: epoch, sequence: $0).description }
        return block("keepalive", id: cursor) { _ in }
    }

    /// Answers a change of what the stream asks for.
    package func subscribed(_ selectors: [Selector]) -> [UInt8] {
        block("subscribed") { Self.write(selectors, to: &$0) }
    }

    /// How many streams receive a resource now.
    package func presence(_ resource: Resource, count: Int) -> [UInt8] {
        block("presence") { json in
            json.member("resource", resource.name)
            json.member("count", count)
        }
    }

    /// Says why the hub ends the stream and after how many milliseconds to come back.
    package func closing(_ reason: ClosingReason, retry: Int) -> [UInt8] {
        block("closing", retry: retry) { json in
            json.member("reason", reason.rawValue)
            json.member("retry", retry)
        }
    }

    private func block(
        _ name: String, id: String? = nil, retry: Int? = nil, _ members: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        if let retry { bytes += "retry: \(retry)\n".utf8 }
        bytes += "event: \(name)\ndata: ".utf8
        var json = JSONWriter()
        json.beginObject()
        members(&json)
        json.endObject()
        bytes += json.bytes
        bytes.append(10)
        // The last line, as in every block.
        if let id { bytes += "id: \(id)\n".utf8 }
        bytes.append(10)
        return bytes
    }

    private static func write(_ selectors: [Selector], to json: inout JSONWriter) {
        json.member("resources", selectors.map(\.description))
    }
}

/// Why a cursor cannot be resumed.
package enum ResetReason: String, Sendable {
    /// Older than the oldest event kept.
    case expired
    /// Of another log.
    case epoch
    /// Ahead of the log's head.
    case future
    /// No cursor at all.
    case malformed
}

/// Why the hub ends a stream that can still take bytes.
package enum ClosingReason: String, Sendable {
    case shutdown
    /// There is no room for another connection.
    case overloaded
    /// Retention has overtaken what the stream still had to read.
    case slow
    /// The store cannot be read now.
    case unavailable
}
