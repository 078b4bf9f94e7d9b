// `presence:post:1` names the number of streams that receive `post:1`. The kind is the hub's own:
// streams ask for such names, but no event can be published to them.

private let presenceKind = "presence"

extension Resource {
    /// Whether it names the presence at another resource.
    package var isPresence: Bool { kind == presenceKind }
}

extension Selector {
    /// Returns the selector with which a stream asks for the presence at `resource`.
    package static func presence(at resource: Resource) -> Self {
        .resource(Resource(checked: "\(presenceKind):\(resource)"))
    }

    /// The name behind `presence:`, or `nil` for a selector of another kind.
    package var presenceTarget: String? {
        switch self {
        case .resource(let resource) where resource.isPresence:
            String(resource.name.dropFirst(presenceKind.count + 1))
        case .pattern(let kind) where kind == presenceKind: "*"
        default: nil
        }
    }
}
