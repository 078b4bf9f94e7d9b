internal import CLinux
internal import Reactor

/// What a task wants of the transfer thread.
enum Order: Sendable {
    case start(Exchange)
    /// There is room for more of the body.
    case goOn(UInt64)
    /// What is left of the body is not wanted, but its connection is.
    case discard(UInt64)
    /// The transfer is of no more use.
    case drop(UInt64)
}

/// Orders on their way to the transfer thread, and the descriptor that wakes it.
///
/// An eventfd in curl_multi_poll's list does what curl_multi_wakeup does, without a pointer that
/// several threads use.
final class OrderBox: Sendable {
    private struct State {
        var orders: [Order] = []
        var isClosed = false
    }

    /// Readable while there is something to do.
    let descriptor: Int32
    private let state = Lock(State())

    /// - Throws: `Errno` when the process has no descriptor left.
    init() throws(Errno) {
        descriptor = linux_eventfd()
        if descriptor < 0 { throw Errno(code: linux_errno(), call: "eventfd") }
    }

    deinit {
        _ = CLinux.close(descriptor)
    }

    /// `false` when the client was shut down.
    @discardableResult
    func post(_ order: Order) -> Bool {
        let (isOpen, mustWake) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.orders.append(order)
            return (true, state.orders.count == 1)
        }
        if mustWake { wake() }
        return isOpen
    }

    /// Takes no further order; `false` when that was said before.
    @discardableResult
    func close() -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst { wake() }
        return isFirst
    }

    func take() -> (orders: [Order], isClosed: Bool) {
        state.withLock { state in
            defer { state.orders = [] }
            return (state.orders, state.isClosed)
        }
    }

    /// Makes the descriptor unreadable until the next wake.
    func acknowledge() {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
