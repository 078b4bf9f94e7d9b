internal import HTTP
internal import Hub
internal import Reactor

extension Worker {
    /// Tells this worker of all workers, itself included, before any of them takes a connection.
    func meet(_ peers: [Worker]) {
        self.peers = peers
        streams.mailboxes = peers.map(\.mailbox)
        publishing.mailboxes = streams.mailboxes
        endpoints.hub.workers.introduce(peers)
    }

    /// Begins to take connections.
    func listen() throws(Errno) { try acceptor.listen() }

    /// Ends every stream with `closing`, and every other connection after its present request.
    ///
    /// Until `endListening`, new connections are still taken, and the answers to their requests say
    /// that the hub stops. Connections that wait in an inherited socket are left to the next
    /// process.
    func stop() {
        connections.isStopping = true
        if acceptor.isInherited { acceptor.ignore() }
        polls.expireAll()
        for connection in connections.all {
            switch connection.life {
            case .handshaking: handshakes.hurry(connection)
            case .stream(let subscriber): streams.sendClosing(.shutdown, to: subscriber)
            case .requests(let state):
                state.http.stop(at: clock.now.milliseconds)
                serve(connection)
            case .lingering, .closed: break
            }
        }
    }

    /// Takes the connections that have come until now, and closes the listening socket.
    func endListening() {
        guard acceptor.isListening else { return }
        accept(Int.max)
        acceptor.ignore()
        acceptor.close()
    }

    /// Closes every connection that is still open.
    func closeAll() {
        streams.logCutOffs()
        for connection in connections.all { close(connection) }
    }

    /// The number of open connections, and of those among them that were open when the stop began.
    struct OpenCounts: Sendable {
        let all: Int
        let earlier: Int
    }

    var openCounts: OpenCounts {
        OpenCounts(all: connections.count, earlier: connections.earlierCount)
    }
}
