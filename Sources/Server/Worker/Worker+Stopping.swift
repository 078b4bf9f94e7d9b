internal import Hub
internal import Reactor

extension Worker {
    /// Introduces all workers, before any of them takes a connection.
    func meet(_ peers: [Worker]) {
        self.peers = peers
    }

    /// Begins to take connections.
    func listen() throws(Errno) {
        try loop.watch(listener: listener.descriptor, token: Self.listenerToken)
    }

    /// Ends every stream with `closing`, and every other connection after its present request.
    ///
    /// Connections go on being taken, and their requests are answered with the trouble, until `endListening`. What
    /// waits in an inherited socket is left to the process that comes next.
    func stop() {
        isStopping = true
        if listener.isInherited { ignoreListener() }
        for token in polls.keys { expirePoll(token) }
        for connection in connections {
            guard let connection else { continue }
            if let subscriber = connection.subscriber {
                sendClosing(.shutdown, to: subscriber)
            } else if let exchange = connection.exchange, exchange.phase == .idle,
                !connection.isLingering
            {
                endIdle(connection, exchange)
            }
        }
    }

    /// Takes what has come until now, and no more connections after that.
    func endListening() {
        guard isListening else { return }
        accept(Int.max)
        ignoreListener()
        listener.close()
    }

    /// Closes every connection that is still open.
    func closeAll() {
        logCutOffs()
        for connection in connections {
            if let connection { close(connection) }
        }
    }

    /// Connections that were open when the stop began, and are still.
    var earlierConnectionCount: Int { connectionCount - lateConnectionCount }

    private func ignoreListener() {
        isListening = false
        loop.unwatch(listener: listener.descriptor)
    }

    /// Closes a connection between two requests, unless the next one has come already: that gets its answer.
    private func endIdle(_ connection: Connection, _ exchange: Exchange) {
        if exchange.output.isEmpty { receive(connection) }
        guard connection.exchange === exchange, exchange.phase == .idle else { return }
        guard exchange.hasBegun || !shortenFirstRequest(of: connection) else { return }
        // An answer that is on its way is the connection's last.
        exchange.closesAfterOutput = true
        if exchange.output.isEmpty { close(connection) }
    }
}
