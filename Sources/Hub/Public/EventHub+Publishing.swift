internal import JSON

extension EventHub {
    /// Publishes an event and waits until it is kept, as far as `Options.durability` says.
    ///
    /// When this returns, every subscription that matches has the event in its queue, or finds it
    /// in the log.
    ///
    /// - Returns: the event's id; `nil` for a transient one. For a key that was used in the last
    ///   24 hours, the id of the event that was published with it then; nothing new is published.
    /// - Throws: `EventHubError.unavailable` or `EventHubError.closed` when nothing was published.
    @discardableResult
    public func publish(_ publication: Publication) async throws(EventHubError) -> EventID? {
        try await publish([publication])[0]
    }

    /// Publishes several events, all or none, next to each other in the log.
    ///
    /// - Returns: an id for each of them in their order, as for a single one.
    /// - Throws: as for a single one.
    @discardableResult
    public func publish(
        _ publications: [Publication]
    ) async throws(EventHubError) -> [EventID?] {
        try operations.enter()
        defer { operations.leave() }
        if publications.isEmpty { return [] }
        switch await desk.publish(publications, by: broker) {
        case .published(let ids): return Array(ids)
        case .refused(let reason): throw EventHubError(reason)
        case .conflict(let conflict, _): throw .invalid(conflict.sentence)
        }
    }
}

extension Publication {
    /// How long the hub keeps an event.
    public enum Keeping: Sendable {
        /// In the log, for subscriptions that resume later.
        case logged
        /// In the log, and as the state of each of its resources under its name, until another
        /// such event takes its place.
        case retained
        /// Not at all: the event reaches only subscriptions that are live and have room for it.
        case transient
    }

    /// Makes an event to publish, checked by the rules for `POST /broadcast`.
    ///
    /// - Parameters:
    ///   - resources: where to publish it, 1–100 names such as `post:7`; a name given twice counts
    ///     once.
    ///   - event: the name that subscriptions know it by: a letter, then up to 63 letters, digits,
    ///     `_`, `.` and `-`. The names of the hub's own events (`live`, `reset` and so on) are
    ///     taken.
    ///   - data: one JSON value as text, of 960 KiB at most.
    ///   - keeping: how long the hub keeps it.
    ///   - coalesceKey: 1–256 bytes; while events wait in a queue, a newer event of the same
    ///     resources and key replaces an older one.
    ///   - key: 1–256 bytes; the idempotency key, with which the event is published once, however
    ///     often the call is repeated.
    /// - Throws: `EventHubError.invalid` that says which rule is broken.
    public init(
        to resources: String..., event: String = "message", data: String,
        keeping: Keeping = .logged, coalesceKey: String? = nil, key: String? = nil
    ) throws(EventHubError) {
        try self.init(
            to: resources, event: event, data: data, keeping: keeping, coalesceKey: coalesceKey,
            key: key)
    }

    /// Makes an event to publish to a list of resources, by the same rules.
    ///
    /// - Throws: `EventHubError.invalid` that says which rule is broken.
    public init(
        to resources: [String], event: String = "message", data: String,
        keeping: Keeping = .logged, coalesceKey: String? = nil, key: String? = nil
    ) throws(EventHubError) {
        do throws(InputError) {
            // The data is read alone first, which proves that it is one value and cannot add fields
            // of its own.
            let value = try InputReader.read(Array(data.utf8)) { input throws(InputError) in
                try input.copy(calling: "data")
            }
            var json = JSONWriter()
            json.beginObject()
            json.member("resources", resources)
            json.member("event", event)
            json.member("data", json: value)
            json.member("retain", keeping == .retained)
            json.member("transient", keeping == .transient)
            if let coalesceKey { json.member("coalesce", coalesceKey) }
            if let key { json.member("key", key) }
            json.endObject()
            self = try InputReader.read(json.bytes) { input throws(InputError) in
                try PublicationReader.read(
                    &input, maximumData: EventLimits.data.upperBound)
            }
        } catch {
            throw .invalid("\(error)")
        }
    }
}
