/// An event to be stored, which whoever publishes it has checked.
package struct NewEvent: Sendable {
    package let name: String
    /// The names of 1–100 resources, each once, separated by commas as the store keeps them.
    package let resourceList: String
    /// Compact JSON, kept byte for byte.
    package let data: [UInt8]
    package let isRetained: Bool
    package let isTransient: Bool
    package let coalesceKey: String?
    package let key: String?
    /// What the event means for streams that follow it, as a code that the store only keeps.
    package let mark: Int64?
    /// The name of who published it; `nil` when nobody is named.
    package let publisher: String?
    /// Whether the event is the last one of its resources.
    package let isEnd: Bool
    /// For how many milliseconds the event is state, if it is retained; `nil` for no limit.
    package let lifetime: Int64?

    /// Makes an event for `resources`, whose names have no commas.
    package init(
        name: String, resources: [String], data: [UInt8], isRetained: Bool = false,
        isTransient: Bool = false, coalesceKey: String? = nil, key: String? = nil,
        mark: Int64? = nil, publisher: String? = nil, isEnd: Bool = false, lifetime: Int64? = nil
    ) {
        self.init(
            name: name, resourceList: resources.joined(separator: ","), data: data,
            isRetained: isRetained, isTransient: isTransient, coalesceKey: coalesceKey, key: key,
            mark: mark, publisher: publisher, isEnd: isEnd, lifetime: lifetime)
    }

    /// Makes an event for the resources of a list, whose names are separated by commas.
    package init(
        name: String, resourceList: String, data: [UInt8], isRetained: Bool, isTransient: Bool,
        coalesceKey: String?, key: String?, mark: Int64?, publisher: String?, isEnd: Bool,
        lifetime: Int64?
    ) {
        self.name = name
        self.resourceList = resourceList
        self.data = data
        self.isRetained = isRetained
        self.isTransient = isTransient
        self.coalesceKey = coalesceKey
        self.key = key
        self.mark = mark
        self.publisher = publisher
        self.isEnd = isEnd
        self.lifetime = lifetime
    }
}

/// An event as it is kept.
package struct EventRecord: Sendable, Equatable {
    package let sequence: UInt64
    /// Milliseconds since 1970 (UTC); never falls from one event to the next.
    package let at: Int64
    package let name: String
    package let resources: [String]
    package let data: [UInt8]
    package let coalesceKey: String?
    /// The code of what the event means, as in `NewEvent`.
    package var mark: Int64?
    /// Whether the event is the last one of its resources.
    package var isEnd: Bool
    /// When the event is state no longer, in milliseconds since 1970; `nil` for never.
    package var expiresAt: Int64?

    package init(
        sequence: UInt64, at: Int64, name: String, resources: [String], data: [UInt8],
        coalesceKey: String?, mark: Int64? = nil, isEnd: Bool = false, expiresAt: Int64? = nil
    ) {
        self.sequence = sequence
        self.at = at
        self.name = name
        self.resources = resources
        self.data = data
        self.coalesceKey = coalesceKey
        self.mark = mark
        self.isEnd = isEnd
        self.expiresAt = expiresAt
    }
}

/// A resource that has ended: nothing more is published to it until its end is forgotten.
package struct EndedResource: Sendable, Equatable {
    package let resource: String
    /// The sequence of its last event; 0 when that was never in this log, as after an import.
    package let sequence: UInt64

    package init(resource: String, sequence: UInt64) {
        self.resource = resource
        self.sequence = sequence
    }
}

/// Where an event was placed.
package enum EventPlacement: Sendable, Equatable {
    case stored(sequence: UInt64)
    case transient
    /// Nothing was stored, for the event's key was used before.
    ///
    /// The sequence is that of the first event with the key, `nil` if that was transient.
    case repeated(sequence: UInt64?)

    /// The sequence of the event, or of the first event with its key; `nil` when that was
    /// transient.
    package var sequence: UInt64? {
        switch self {
        case .stored(let sequence): sequence
        case .repeated(let sequence): sequence
        case .transient: nil
        }
    }
}
