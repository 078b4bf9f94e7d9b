internal import Hub
internal import Reactor
internal import Records

/// Announces who works on what, on the resources `activity:{kind}`.
///
/// Whoever has begun work, entered a step or ended work calls `note` afterwards. What is announced
/// is read from the store, so a call too many costs a look, and says nothing wrong.
final class ActivityDesk: Sendable {
    private struct State {
        var pace = ActivityPace()
        var memory = ActivityMemory()
        var isClosed = false
    }

    private let broker: Broker
    private let state = Lock(State())

    init(broker: Broker) {
        self.broker = broker
    }

    /// Returns what an earlier run of the hub has announced, so that it can be made true before
    /// anyone is shown it.
    ///
    /// A kind of which nothing was ever announced counts as one without work.
    ///
    /// - Throws: `LogUnavailable` when the store cannot be read now.
    func lastAnnounced() async throws(LogUnavailable) -> ActivityMemory {
        let selectors = ActivityKind.allCases.map { Selector.resource($0.resource) }
        var memory = ActivityMemory()
        for kind in ActivityKind.allCases { memory.announced[kind] = .empty }
        let empty = ActivityList().data
        for state in try await broker.states(of: selectors).states where state.data != empty {
            for kind in ActivityKind.allCases where kind.resource.name == state.resource {
                memory.announced[kind] = nil
            }
        }
        return memory
    }

    /// Takes what was announced at the start.
    func remember(_ memory: ActivityMemory) { state.withLock { $0.memory = memory } }

    /// Notes that work has begun, reached another step or ended.
    func note() {
        guard state.withLock({ !$0.isClosed && $0.pace.note() }) else { return }
        Task { await announce() }
    }

    /// Ends the announcements, when the hub stops; the next start says what is true then.
    func close() { state.withLock { $0.isClosed = true } }

    /// Announces what was noted, until nothing more was.
    private func announce() async {
        while let wait = state.withLock({ $0.isClosed ? nil : $0.pace.wait(at: .now()) }) {
            guard wait == 0 else {
                do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
                continue
            }
            let memory = state.withLock { state in
                state.pace.begin()
                return state.memory
            }
            var next: ActivityMemory?
            do throws(LogUnavailable) {
                next = try await broker.write(AnnounceActivity(memory: memory))
            } catch {
                // The store takes no writes now. The same is tried again a second later.
                next = nil
            }
            state.withLock { state in
                if let next { state.memory = next }
                state.pace.end(at: .now(), isStored: next != nil)
            }
        }
    }
}
