internal import Reactor
internal import Synchronization
internal import Telemetry

/// Deals the connections of a shared socket out to the workers in turn: whoever is awake takes
/// them, and streams stay where they were put.
final class Rotation: Sendable {
    private let count: Int
    private let next = Atomic(0)

    init(count: Int) {
        self.count = count
    }

    /// The index of the worker that gets the next connection.
    func take() -> Int {
        next.wrappingAdd(1, ordering: .relaxed).oldValue % count
    }
}

/// One worker's listening socket, and what is done when descriptors run out; not isolated.
final class Acceptor {
    /// A connection that was taken.
    struct Accepted {
        let socket: Socket
        /// On a descriptor of the reserve: no others are left.
        let isOnReserve: Bool
    }

    /// Descriptors for each worker with which connections are still answered when no others are
    /// left.
    static let reserveSize = 4
    /// New connections taken in one turn, so that those already here get theirs.
    static let acceptsPerTurn = 128
    /// Milliseconds without accepting when descriptors have run out.
    private static let pause = 200

    private let listener: ListeningSocket
    private let reserve: DescriptorReserve
    private let loop: EventLoop
    private let clock: WorkerClock
    private let logger: Log

    /// Whether connections are taken.
    private(set) var isListening = true
    /// Whether taking them waits until descriptors are free.
    private var isPaused = false
    private var isOutOfDescriptorsSince: Instant?

    init(
        listener: ListeningSocket, reserve: DescriptorReserve, loop: EventLoop, clock: WorkerClock,
        logger: Log
    ) {
        self.listener = listener
        self.reserve = reserve
        self.loop = loop
        self.clock = clock
        self.logger = logger
    }

    /// Begins to take connections.
    func listen() throws(Errno) {
        try loop.watch(listener: listener.descriptor, token: WorkerClock.Token.listener)
    }

    /// Takes connections that wait, at most `limit`, and hands each over before it takes the next.
    ///
    /// `open` is how many there are, for the log.
    func accept(_ limit: Int = acceptsPerTurn, open: Int, _ take: (Accepted) -> Void) {
        guard isListening else { return }
        for _ in 0..<limit {
            do {
                guard let socket = try listener.accept() else { return }
                // Another worker may just have given its descriptor back, for a connection of its
                // own.
                let isOnReserve = !reserve.isFull && !reserve.refill()
                take(Accepted(socket: socket, isOnReserve: isOnReserve))
            } catch {
                return acceptOnReserve(error, open: open, take)
            }
        }
    }

    /// Takes connections again after a pause for want of descriptors.
    func resume() {
        guard isListening, isPaused else { return }
        reserve.refill()
        do {
            try listen()
            isPaused = false
        } catch {
            schedulePauseEnd()
        }
    }

    /// Fills the reserve with descriptors that have become free, and accepts again if that waited
    /// for them.
    func didFreeDescriptor() {
        guard isPaused || !reserve.isFull else { return }
        reserve.refill()
        if isPaused, !reserve.isEmpty { resume() }
    }

    /// Whether another process has the socket too, and takes what waits in it.
    var isInherited: Bool { listener.isInherited }

    /// Takes no more connections; those that wait stay in the socket.
    func ignore() {
        isListening = false
        loop.unwatch(listener: listener.descriptor)
    }

    func close() { listener.close() }

    /// Takes connections by the descriptors kept for this, so that they are answered instead of
    /// left hanging.
    private func acceptOnReserve(_ error: Errno, open: Int, _ take: (Accepted) -> Void) {
        let isNews = isOutOfDescriptorsSince.map { clock.now.since($0) > 10_000 } ?? true
        if isNews {
            isOutOfDescriptorsSince = clock.now
            logger.error(
                "No descriptors left, refusing connections; raise the limit (ulimit -n, LimitNOFILE)",
                ["error": error, "connections": open])
        }
        while reserve.release() {
            // Nobody waits any more, or another thread took the descriptor.
            guard let socket = (try? listener.accept()) ?? nil else { break }
            take(Accepted(socket: socket, isOnReserve: true))
        }
        reserve.refill()
        // The listener stays ready as long as someone waits: without a pause the loop would spin.
        isPaused = true
        loop.unwatch(listener: listener.descriptor)
        schedulePauseEnd()
    }

    private func schedulePauseEnd() {
        clock.schedule(
            WorkerClock.Token.listener, at: clock.now.advanced(milliseconds: Self.pause))
    }
}
