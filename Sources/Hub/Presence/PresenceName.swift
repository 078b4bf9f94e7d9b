// `presence:post:1` names how many streams receive `post:1`. The kind is the hub's own: streams ask
// for such names, events never go to them.

private let presenceKind = "presence"

extension Resource {
    /// Whether it names the presence at another resource.
    package var isPresence: Bool { kind == presenceKind }
}

extension Selector {
    /// The name with which a stream asks for the presence at `resource`.
    package static func presence(at resource: Resource) -> Self {
        .resource(Resource(checked: "\(presenceKind):\(resource)"))
    }

    /// The name behind `presence:`; `nil` for every other selector.
    package var presenceTarget: String? {
        switch self {
        case .resource(let resource) where resource.isPresence:
            String(resource.name.dropFirst(presenceKind.count + 1))
        case .pattern(let kind) where kind == presenceKind: "*"
        default: nil
        }
    }
}
