// Two kinds of resources are the hub's own: no producer can publish to them.
//
// `presence:post:1` names the number of streams that receive `post:1`. Streams ask for such names,
// but no event has them. `activity:post` is an ordinary resource, to which the hub itself publishes
// who works on posts.

/// A kind of resources that belongs to the hub.
package enum OwnKind: String, Sendable {
    case presence
    case activity

    /// Why no producer can publish to a resource of the kind.
    fileprivate var reason: String {
        switch self {
        case .presence: "it says how many streams receive a resource."
        case .activity: "it says what is being worked on."
        }
    }
}

extension Resource {
    /// Makes the resource that tells who works on resources of a kind.
    package static func activity(_ kind: String) -> Resource {
        Resource(checked: "\(OwnKind.activity):\(kind)")
    }

    /// Whether it names the presence at another resource.
    package var isPresence: Bool { kind == OwnKind.presence.rawValue }

    /// The kind of the hub's own that it has; `nil` for a producer's resource.
    package var ownKind: OwnKind? {
        // For each published event: comparing short strings is much cheaper than `init(rawValue:)`.
        switch kind {
        case OwnKind.presence.rawValue: .presence
        case OwnKind.activity.rawValue: .activity
        default: nil
        }
    }

    /// Returns a sentence that says why no producer can publish to it; `nil` when they can.
    package var reservation: String? {
        ownKind.map { "\(name) is the hub's own; \($0.reason)" }
    }
}

extension Selector {
    /// Returns the selector with which a stream asks for the presence at `resource`.
    package static func presence(at resource: Resource) -> Self {
        .resource(Resource(checked: "\(OwnKind.presence):\(resource)"))
    }

    /// The name behind `presence:`, or `nil` for a selector of another kind.
    package var presenceTarget: String? {
        switch self {
        case .resource(let resource) where resource.isPresence:
            String(resource.name.dropFirst(OwnKind.presence.rawValue.count + 1))
        case .pattern(let kind) where kind == OwnKind.presence.rawValue: "*"
        default: nil
        }
    }
}
