extension Shard {
    /// Returns the number of this shard's streams that receive `resource`, by name or pattern, each
    /// counted once.
    package func count(of resource: Resource) -> Int {
        let named = resources[resource]?.subscribers ?? []
        guard let pattern = kinds[resource.kind] else { return named.count }
        let onlyNamed = named.count { subscriber in
            !subscriber.memberships.contains { $0.topic === pattern }
        }
        return pattern.subscribers.count + onlyNamed
    }

    /// Returns the streams that receive `resource`; one that does by name and by pattern twice.
    package func receivers(of resource: Resource) -> [Subscriber] {
        (resources[resource]?.subscribers ?? []) + (kinds[resource.kind]?.subscribers ?? [])
    }

    /// Begins to note changes of a resource's count, until `unwatch` was called as often.
    package func watch(_ resource: Resource) {
        watched[resource, default: 0] += 1
        changedPresence.insert(resource)
    }

    package func unwatch(_ resource: Resource) {
        guard let uses = watched[resource] else { return }
        watched[resource] = uses == 1 ? nil : uses - 1
    }

    /// Returns the watched resources whose count may have changed since the last call.
    package func takeChangedPresence() -> Set<Resource> {
        defer { changedPresence = [] }
        return changedPresence
    }

    func notePresence(of selector: Selector) {
        if watched.isEmpty { return }
        switch selector {
        case .resource(let resource):
            if watched[resource] != nil { changedPresence.insert(resource) }
        case .pattern(let kind):
            changedPresence.formUnion(watched.keys.filter { $0.kind == kind })
        }
    }
}
