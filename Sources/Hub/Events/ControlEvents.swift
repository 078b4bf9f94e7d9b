internal import JSON
package import Telemetry

/// Encodes the control events, which the hub itself sends to one stream.
package struct ControlEvents: Sendable {
    /// The milliseconds that a client waits before its first reconnect, unless told otherwise.
    package static let retry = 1000

    /// What keeps a stream of raw events alive: a comment, of which a client takes no notice.
    package static let comment = Array(":\n\n".utf8)

    private let epoch: Epoch

    package init(epoch: Epoch) {
        self.epoch = epoch
    }

    /// Returns the event that opens a stream; `keepalive` is in seconds.
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

    /// Returns the event which says that a cursor cannot be resumed, and which event is the oldest
    /// kept.
    package func reset(_ reason: ResetReason, oldest: UInt64) -> [UInt8] {
        block("reset") { json in
            json.member("reason", reason.rawValue)
            json.member("oldest", EventID(epoch: epoch, sequence: oldest).description)
        }
    }

    /// Returns the event which says that the stream has caught up: from here on events come as they
    /// happen.
    package func live(at sequence: UInt64) -> [UInt8] {
        let cursor = EventID(epoch: epoch, sequence: sequence).description
        return block("live", id: cursor) { json in
            json.member("cursor", cursor)
        }
    }

    /// Returns the event which shows that the connection is alive.
    ///
    /// It carries the cursor, unless the stream is behind (`sequence` is nil).
    package func keepalive(at sequence: UInt64?) -> [UInt8] {
        let cursor = sequence.map { EventID(epoch: epoch, sequence: $0).description }
        return block("keepalive", id: cursor) { _ in }
    }

    /// Returns the event that answers a change of the stream's selectors.
    package func subscribed(_ selectors: [Selector]) -> [UInt8] {
        block("subscribed") { Self.write(selectors, to: &$0) }
    }

    /// Returns the event that says how many streams receive a resource now.
    package func presence(_ resource: Resource, count: Int) -> [UInt8] {
        block("presence") { json in
            json.member("resource", resource.name)
            json.member("count", count)
        }
    }

    /// Returns the event that says, besides the count, who has joined and who has left since the
    /// last one.
    package func presence(
        _ resource: Resource, count: Int, joined: [MemberName], left: [MemberName]
    ) -> [UInt8] {
        block("presence") { json in
            json.member("resource", resource.name)
            json.member("count", count)
            json.member("joined", joined.map(\.text))
            json.member("left", left.map(\.text))
        }
    }

    /// Returns the event which says that the stream ends with its credentials, in so many seconds.
    package func tokenExpiring(at end: Timestamp, seconds: Int) -> [UInt8] {
        block("token_expiring") { json in
            json.member("expires_at", end.description)
            json.member("seconds", seconds)
        }
    }

    /// Returns the event that says why the hub ends the stream.
    ///
    /// The client is to come back after `retry` milliseconds.
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
        // The id is the last line, as in every block.
        if let id { bytes += "id: \(id)\n".utf8 }
        bytes.append(10)
        return bytes
    }

    private static func write(_ selectors: [Selector], to json: inout JSONWriter) {
        json.member("resources", selectors.map(\.description))
    }
}

/// The reason why a cursor cannot be resumed.
package enum ResetReason: String, Sendable {
    /// Events behind the cursor are no longer kept.
    case expired
    /// The cursor is of another log.
    case epoch
    /// The cursor is ahead of the log's last event.
    case future
    /// The text is not a cursor at all.
    case malformed
}

/// The reason why the hub ends a stream that can still take bytes.
package enum ClosingReason: String, Sendable {
    case shutdown
    /// There is no room for another connection.
    case overloaded
    /// Retention has overtaken what the stream still had to read.
    case slow
    /// The store cannot be read now.
    case unavailable
    /// The credentials that opened the stream have ended.
    case tokenExpired = "token_expired"
    /// The stream's API key was revoked, or an operator has ended the stream.
    case revoked
    /// All resources of the stream have ended.
    case end
}
