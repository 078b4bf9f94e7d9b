internal import Hub
internal import Reactor

extension Worker {
    /// Begins its life: the worker knows its peers and takes connections.
    func start(peers: [Worker]) throws(Errno) {
        self.peers = peers
        try loop.watch(listener: listener.descriptor, token: Self.listenerToken)
    }

    /// Takes no more connections and sends every stream its farewell.
    func stop() {
        isAccepting = false
        listener.close()
        for token in polls.keys { overPoll(token) }
        for connection in connections {
            guard let connection else { continue }
            if let subscriber = connection.subscriber {
                farewell(to: subscriber, .shutdown)
            } else if let exchange = connection.exchange, exchange.phase == .idle,
                !connection.isLingering
            {
                // An answer that is on its way is the connection's last.
                if exchange.output.isEmpty { close(connection) }
                exchange.closesAfterOutput = true
            }
        }
    }

    /// Ends what is left.
    func closeAll() {
        for connection in connections {
            if let connection { close(connection) }
        }
    }
}
