internal import HTTP
internal import Hub
internal import Reactor

extension Worker {
    /// Introduces all workers, before any of them takes a connection.
    func meet(_ peers: [Worker]) {
        self.peers = peers
        streams.mailboxes = peers.map(\.mailbox)
        endpoints.hub.workers.introduce(peers)
    }

    /// Begins to take connections.
    func listen() throws(Errno) { try acceptor.listen() }

    /// Ends every stream with `closing`, and every other connection after its present request.
    ///
    /// Connections go on being taken, and their requests are answered with why, until
    /// `endListening`. What waits in an inherited socket is left to the process that comes next.
    func stop() {
        connections.isStopping = true
        if acceptor.isInherited { acceptor.ignore() }
        polls.expireAll()
        for connection in connections.all {
            switch connection.life {
            case .stream(let subscriber): streams.sendClosing(.shutdown, to: subscriber)
            case .requests(let state):
                state.http.stop(at: clock.now.milliseconds)
                serve(connection)
            case .lingering, .closed: break
            }
        }
    }

    /// Takes what has come until now, and no more connections after that.
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

    /// Open connections, and of them those that were open when the stop began.
    struct OpenCounts: Sendable {
        let all: Int
        let earlier: Int
    }

    var openCounts: OpenCounts {
        OpenCounts(all: connections.count, earlier: connections.earlierCount)
    }
}
