// Who is present at the resources whose members are watched, shared by the workers.
//
// Invariant: messages are posted under the lock, so every worker's mailbox has them in the order in
//   which the rooms changed. When the last watcher of a resource has gone and another one comes, a
//   new room is made with a new number, by which what is still said of the old one is told apart.
// Cost: nothing for resources whose members nobody watches.

internal import Reactor

/// The members of watched resources; shared by all workers.
package final class MemberBoard: Sendable {
    /// What a worker is told; `Server` puts it into the worker's mailbox.
    package enum Message: Sendable {
        /// Some stream watches the members, so the worker is to report who is there to the room of
        /// this number.
        case track(Resource, room: Int)
        case untrack(Resource)
        case changed(Resource, MemberChanges)
    }

    private struct Entry {
        var room: MemberRoom
        /// The number of watching streams of each worker.
        var watchers: [Int]
    }

    private struct State {
        var entries: [Resource: Entry] = [:]
        /// The number of rooms that were made.
        var roomCount = 0
    }

    /// The list with which a watcher begins.
    package struct Beginning: Equatable, Sendable {
        /// The number of the room.
        package let room: Int
        /// Those who are named, and the number of the last change that the list holds.
        ///
        /// It is `nil` when the list is not complete, and comes as changes from the first one on.
        package let list: MemberList?

        package init(room: Int, list: MemberList?) {
            self.room = room
            self.list = list
        }
    }

    private let workerCount: Int
    private let state = Lock(State())

    package init(workerCount: Int) {
        self.workerCount = workerCount
    }

    /// Notes that one more stream of `worker` watches the members of `resource`.
    ///
    /// `post` puts a message into the mailbox of a worker; it must not wait.
    ///
    /// - Returns: with what the stream begins.
    package func watch(
        _ resource: Resource, by worker: Int, post: (Message, Int) -> Void
    ) -> Beginning {
        state.withLock { state in
            if state.entries[resource] == nil {
                state.roomCount += 1
                state.entries[resource] = Entry(
                    room: MemberRoom(state.roomCount, workerCount: workerCount),
                    watchers: Array(repeating: 0, count: workerCount))
                for worker in 0..<workerCount {
                    post(.track(resource, room: state.roomCount), worker)
                }
            }
            state.entries[resource]?.watchers[worker] += 1
            return Beginning(
                room: state.entries[resource]?.room.number ?? 0,
                list: state.entries[resource]?.room.list)
        }
    }

    /// Notes that one stream of `worker` has stopped watching the members of `resource`.
    package func unwatch(_ resource: Resource, by worker: Int, post: (Message, Int) -> Void) {
        state.withLock { state in
            state.entries[resource]?.watchers[worker] -= 1
            guard let watchers = state.entries[resource]?.watchers,
                watchers.allSatisfy({ $0 == 0 })
            else { return }
            state.entries[resource] = nil
            for worker in 0..<workerCount { post(.untrack(resource), worker) }
        }
    }

    /// Takes who has come to a worker's streams and who has gone from them.
    package func report(_ report: MemberReport, by worker: Int, post: (Message, Int) -> Void) {
        state.withLock { state in
            guard state.entries[report.resource]?.room.number == report.room else { return }
            let changes = state.entries[report.resource]?.room.report(
                arrived: report.arrived, gone: report.gone, by: worker)
            guard let changes, let watchers = state.entries[report.resource]?.watchers else {
                return
            }
            for worker in watchers.indices where watchers[worker] > 0 {
                post(.changed(report.resource, changes), worker)
            }
        }
    }
}

/// What a worker says of those who are present at a resource.
package struct MemberReport: Equatable, Sendable {
    package let resource: Resource
    /// The number of the room for which the worker tracks the resource.
    package let room: Int
    package let arrived: [MemberName]
    package let gone: [MemberName]

    package init(resource: Resource, room: Int, arrived: [MemberName], gone: [MemberName]) {
        self.resource = resource
        self.room = room
        self.arrived = arrived
        self.gone = gone
    }
}
