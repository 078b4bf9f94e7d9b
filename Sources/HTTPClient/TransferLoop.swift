// Drives all transfers on one thread.
//
// Problem: curl's handles belong to one thread, but tasks on any thread start, pause and end
//   transfers.
// Algorithm: an actor has an event loop of its own as its executor, like the store's writer and
//   readers, so the compiler keeps all other code off curl's handles. The loop's own wait is not
//   used. Each turn ends in curl_multi_poll, which knows curl's sockets and timers and also the
//   order box's descriptor.
// Invariant: a turn that finds the box closed ends all transfers and never waits, so
//   `EventLoop.stop` is not missed.

internal import CCurl
internal import CLinux
internal import Reactor

/// The running transfers and the thread that drives them.
actor TransferLoop: EventLoopClient {
    private nonisolated let lane: EventLoop
    private nonisolated let orders: OrderBox
    private let authorities: String?
    private var multi: MultiHandle?
    private var transfers: [UInt64: Transfer] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    /// Starts the thread, which runs until the box is closed.
    ///
    /// - Throws: `Errno` when the process has no descriptor or thread left.
    init(orders: OrderBox, authorities: String?) throws(Errno) {
        precondition(Self.library == CURLE_OK, "libcurl could not be initialised")
        lane = try EventLoop()
        self.orders = orders
        self.authorities = authorities
        multi = MultiHandle()
        try lane.start(name: "http-client", client: self)
    }

    /// The result of `curl_global_init`, which runs once per process, before the first transfer.
    private static let library: CURLcode = {
        // OpenSSL writes without MSG_NOSIGNAL, and with CURLOPT_NOSIGNAL curl does not ignore
        // SIGPIPE itself.
        linux_ignore_broken_pipes()
        return curl_start_library()
    }()

    /// Waits until the thread has ended, which it does soon after the box is closed.
    nonisolated func join() {
        lane.join()
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        assumeIsolated { $0.turn() }
        return 0
    }

    private func turn() {
        let (posted, isClosed) = orders.take()
        guard let multi, !isClosed else { return end(posted) }
        let now = Instant.now()
        for order in posted {
            switch order {
            case .start(let exchange): start(exchange, multi, now)
            case .goOn(let id): transfers[id]?.goOn(now: now)
            case .discard(let id): transfers[id]?.discard(now: now)
            case .drop(let id): remove(id, multi)
            }
        }
        multi.perform()
        while let (id, code) = multi.nextEnded() {
            transfers[id]?.finish(code)
            remove(id, multi)
        }
        if multi.wait(for: orders.descriptor, milliseconds: checkClocks(multi)) {
            orders.acknowledge()
        }
    }

    private func start(_ exchange: Exchange, _ multi: MultiHandle, _ now: Instant) {
        let transfer = Transfer(exchange, authorities: authorities, now: now)
        guard let easy = transfer.easy else {
            return transfer.fail(.other, "curl could not be set up")
        }
        if let trouble = multi.add(easy) { return transfer.fail(.other, trouble) }
        transfers[exchange.id] = transfer
    }

    private func remove(_ id: UInt64, _ multi: MultiHandle) {
        guard let easy = transfers[id]?.easy else { return }
        multi.remove(easy)
        transfers[id] = nil
    }

    /// Ends the transfers whose deadlines have passed.
    ///
    /// - Returns: milliseconds until the next deadline.
    private func checkClocks(_ multi: MultiHandle) -> Int {
        let now = Instant.now()
        for (id, transfer) in transfers where transfer.checkClocks(now: now) { remove(id, multi) }
        let next = transfers.values.compactMap(\.deadline).min()
        // A deadline beyond the longest wait only causes an early turn, which does no harm.
        return next.map { max(1, $0.since(now)) } ?? 60_000
    }

    private func end(_ posted: [Order]) {
        for case .start(let exchange) in posted { exchange.finish(.failure(exchange.cancelled)) }
        for transfer in transfers.values {
            transfer.exchange.finish(.failure(transfer.exchange.cancelled), isCancellation: true)
            if let easy = transfer.easy { multi?.remove(easy) }
        }
        transfers = [:]
        multi = nil
        lane.stop()
    }
}
