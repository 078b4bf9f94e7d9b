internal import Reactor

/// How many requests were refused, by status and reason.
///
/// Both are words of the hub's own, so their number is small.
final class RefusalCounts: Sendable {
    struct Kind: Hashable, Sendable {
        let status: Int
        let reason: String
    }

    private let counts = Lock<[Kind: Int]>([:])

    func add(_ status: Int, _ reason: String) {
        counts.withLock { $0[Kind(status: status, reason: reason), default: 0] += 1 }
    }

    /// All counts, in the order of their status and reason.
    var all: [(kind: Kind, count: Int)] {
        counts.withLock { $0.map { (kind: $0.key, count: $0.value) } }
            .sorted { ($0.kind.status, $0.kind.reason) < ($1.kind.status, $1.kind.reason) }
    }
}
