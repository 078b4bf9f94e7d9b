internal import HTTP
internal import Reactor
internal import Telemetry

extension Worker {
    /// New connections taken in one turn, so that those already here get theirs.
    private static let acceptsPerTurn = 128
    /// Milliseconds without accepting when descriptors have run out.
    private static let acceptPause = 200

    func accept() {
        for _ in 0..<Self.acceptsPerTurn where isAccepting {
            do {
                guard let socket = try listener.accept() else { return }
                admit(socket)
            } catch {
                return refuseWithoutDescriptors(error)
            }
        }
    }

    /// Takes connections again after a pause for want of descriptors.
    func resumeAccepting() {
        guard isAccepting else { return }
        do {
            try loop.watch(listener: listener.descriptor, token: Self.listenerToken)
        } catch {
            pauseAccepting()
        }
    }

    private func pauseAccepting() {
        _ = wheel.schedule(
            Self.listenerToken, at: now.advanced(milliseconds: Self.acceptPause))
    }

    private func admit(_ socket: Socket) {
        let descriptor = Int(socket.descriptor)
        generation = (generation + 1) & 0x7FFF
        let token = generation << 32 | UInt64(descriptor)
        let connection = Connection(socket: socket, token: token)
        do {
            try loop.watch(connection: socket.descriptor, token: token)
        } catch {
            log.error("Cannot watch a connection", ["error": error])
            return socket.close()
        }
        while connections.count <= descriptor { connections.append(nil) }
        connections[descriptor] = connection
        connectionCount += 1
        setDeadline(connection, in: settings.headTimeout)
    }

    /// Says so to the client that waits first, by a descriptor kept for this, instead of leaving it hanging.
    private func refuseWithoutDescriptors(_ error: Errno) {
        let isNews = isOutOfDescriptorsSince.map { now.since($0) > 10_000 } ?? true
        if isNews {
            isOutOfDescriptorsSince = now
            log.error(
                "No descriptors left, refusing connections; raise the limit (ulimit -n, LimitNOFILE)",
                ["error": error, "connections": connectionCount])
        }
        let problem = Problem(
            .serviceUnavailable, "The hub has no room for another connection; try again later.",
            retryAfter: 5)
        let answer = problem.response().encoded(for: .get, close: true)
        reserve.lend { [listener] in
            for _ in 0..<Self.acceptsPerTurn {
                // Nobody waits any more, or another thread took the descriptor.
                guard let socket = (try? listener.accept()) ?? nil else { return }
                unsafe answer.withUnsafeBytes { bytes in _ = unsafe socket.send(bytes) }
                socket.close()
            }
        }
        // The listener stays ready as long as someone waits: without a pause the loop would spin.
        loop.unwatch(listener: listener.descriptor)
        pauseAccepting()
    }
}
