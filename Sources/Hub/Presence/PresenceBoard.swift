// The number of streams that receive a watched resource, summed over the workers.
//
// Each worker counts its own streams and reports when its count has changed. The answer to a report
// is the sum and the workers whose streams are to be told of it. Resources that nobody watches cost
// nothing. A sum is given out only when every worker has reported, so that the first number that a
// watcher gets is right.

internal import Reactor

/// The counts of watched resources; shared by all workers.
package final class PresenceBoard: Sendable {
    private struct Entry {
        /// The count of each worker; `nil` until it has reported.
        var counts: [Int?]
        /// The number of watching streams of each worker.
        var watchers: [Int]

        var total: Int? {
            var sum = 0
            for count in counts {
                guard let count else { return nil }
                sum += count
            }
            return sum
        }
    }

    private let workerCount: Int
    private let entries = Lock<[Resource: Entry]>([:])

    package init(workerCount: Int) {
        self.workerCount = workerCount
    }

    /// Notes that one more stream of `worker` watches `resource`.
    ///
    /// - Returns: whether it is the first watch of all, so that the workers must begin to count;
    ///   and the sum, if it is known.
    package func watch(_ resource: Resource, by worker: Int) -> (isFirst: Bool, total: Int?) {
        entries.withLock { entries in
            let isFirst = entries[resource] == nil
            entries[
                resource,
                default: Entry(
                    counts: Array(repeating: nil, count: workerCount),
                    watchers: Array(repeating: 0, count: workerCount))
            ].watchers[worker] += 1
            return (isFirst, entries[resource]?.total)
        }
    }

    /// Notes that one stream of `worker` has stopped watching `resource`.
    ///
    /// - Returns: whether it was the last watch of all, so that the workers may stop counting.
    package func unwatch(_ resource: Resource, by worker: Int) -> Bool {
        entries.withLock { entries in
            entries[resource]?.watchers[worker] -= 1
            guard let entry = entries[resource], entry.watchers.allSatisfy({ $0 == 0 }) else {
                return false
            }
            entries[resource] = nil
            return true
        }
    }

    /// Sets a worker's count of a resource.
    ///
    /// - Returns: the sum and the workers that have watchers; `nil` when the count is unchanged, or
    ///   not all workers have reported, or nobody watches the resource.
    package func report(
        _ count: Int, of resource: Resource, by worker: Int
    ) -> (total: Int, watchers: [Int])? {
        entries.withLock { entries in
            guard var entry = entries[resource], entry.counts[worker] != count else { return nil }
            entry.counts[worker] = count
            entries[resource] = entry
            guard let total = entry.total else { return nil }
            return (total, entry.watchers.indices.filter { entry.watchers[$0] > 0 })
        }
    }
}
