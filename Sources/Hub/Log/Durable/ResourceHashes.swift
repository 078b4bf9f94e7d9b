internal import Reactor

/// The hashes of all resources that may have something: state, or an end.
///
/// Whoever asks for a resource without it need not ask the store.
/// It errs towards yes: hashes may collide, and what has expired stays until the next start.
final class ResourceHashes: Sendable {
    private struct Entries {
        var resources: Set<Int> = []
        var kinds: Set<String> = []
    }

    private let entries = Lock(Entries())

    func insert(_ name: String) {
        let kind = String(Substring(name.utf8.prefix { $0 != UInt8(ascii: ":") }))
        _ = entries.withLock { entries in
            entries.kinds.insert(kind)
            return entries.resources.insert(Self.hash(name))
        }
    }

    func mayHold(any resources: [Resource]) -> Bool {
        entries.withLock { entries in
            !entries.resources.isEmpty
                && resources.contains { entries.resources.contains(Self.hash($0.name)) }
        }
    }

    func mayHold(_ selectors: [Selector]) -> Bool {
        entries.withLock { entries in
            !entries.kinds.isEmpty
                && selectors.contains { selector in
                    switch selector {
                    case .resource(let resource):
                        entries.resources.contains(Self.hash(resource.name))
                    case .pattern(let kind): entries.kinds.contains(kind)
                    }
                }
        }
    }

    private static func hash(_ name: String) -> Int { Array(name.utf8).hashValue }
}
