internal import HTTP
internal import Reactor
internal import Synchronization
internal import Telemetry

/// Deals the connections of a shared socket out to the workers in turn: whoever is awake takes them, and streams
/// stay where they were put.
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

extension Worker {
    /// Descriptors for each worker with which connections are still answered when no others are left.
    static let reserveSize = 4

    /// New connections taken in one turn, so that those already here get theirs.
    static let acceptsPerTurn = 128
    /// Milliseconds without accepting when descriptors have run out.
    private static let acceptPause = 200
    /// For a whole request that will be answered with a temporary trouble, in milliseconds.
    private static let lastRequestTimeout = 1_000

    /// Takes connections that wait, at most `limit`.
    func accept(_ limit: Int = acceptsPerTurn) {
        guard isListening else { return }
        for _ in 0..<limit {
            do {
                guard let socket = try listener.accept() else { return }
                // Another worker may just have given its descriptor back, for a connection of its own.
                if !reserve.isFull, !reserve.refill() {
                    admit(socket, onReserve: true)
                } else {
                    place(socket)
                }
            } catch {
                return acceptOnReserve(error)
            }
        }
    }

    /// Takes connections again after a pause for want of descriptors.
    func resumeAccepting() {
        guard isListening, isAcceptingPaused else { return }
        reserve.refill()
        do {
            try loop.watch(listener: listener.descriptor, token: Self.listenerToken)
            isAcceptingPaused = false
        } catch {
            schedulePauseEnd()
        }
    }

    /// Registers a connection, which this worker has from now on.
    func admit(_ socket: Socket, onReserve: Bool = false) {
        let descriptor = Int(socket.descriptor)
        generation = (generation + 1) & 0x7FFF
        let token = generation << 32 | UInt64(descriptor)
        let connection = Connection(
            socket: socket, token: token,
            admission: onReserve ? .onReserve : isStopping ? .late : .regular)
        do {
            try loop.watch(connection: socket.descriptor, token: token)
        } catch {
            log.error("Cannot watch a connection", ["error": error])
            return socket.close()
        }
        while connections.count <= descriptor { connections.append(nil) }
        connections[descriptor] = connection
        connectionCount += 1
        if connection.admission == .late { lateConnectionCount += 1 }
        let isLast = connection.admission != .regular
        setDeadline(
            connection,
            in: isLast ? min(Self.lastRequestTimeout, settings.headTimeout) : settings.headTimeout)
    }

    /// Gives a connection that was made just now and has said nothing the time that late ones have for their first
    /// request, which may be on its way.
    ///
    /// - Returns: `false` for one that has had that time.
    func shortenFirstRequest(of connection: Connection) -> Bool {
        let age = settings.headTimeout - connection.deadline.since(now)
        guard age < Self.lastRequestTimeout else { return false }
        setDeadline(connection, in: min(connection.deadline.since(now), Self.lastRequestTimeout))
        return true
    }

    /// Fills the reserve with descriptors that have become free, and accepts again if that waited for them.
    func refillReserve() {
        reserve.refill()
        if isAcceptingPaused, !reserve.isEmpty { resumeAccepting() }
    }

    private func place(_ socket: Socket) {
        guard let rotation else { return admit(socket) }
        let worker = peers[rotation.take()]
        if worker === self { return admit(socket) }
        worker.mailbox.post(.connection(socket))
    }

    /// Takes connections by the descriptors kept for this, so that they are answered instead of left hanging.
    private func acceptOnReserve(_ error: Errno) {
        let isNews = isOutOfDescriptorsSince.map { now.since($0) > 10_000 } ?? true
        if isNews {
            isOutOfDescriptorsSince = now
            log.error(
                "No descriptors left, refusing connections; raise the limit (ulimit -n, LimitNOFILE)",
                ["error": error, "connections": connectionCount])
        }
        while reserve.release() {
            // Nobody waits any more, or another thread took the descriptor.
            guard let socket = (try? listener.accept()) ?? nil else { break }
            admit(socket, onReserve: true)
        }
        reserve.refill()
        // The listener stays ready as long as someone waits: without a pause the loop would spin.
        isAcceptingPaused = true
        loop.unwatch(listener: listener.descriptor)
        schedulePauseEnd()
    }

    private func schedulePauseEnd() {
        _ = wheel.schedule(
            Self.listenerToken, at: now.advanced(milliseconds: Self.acceptPause))
    }
}
