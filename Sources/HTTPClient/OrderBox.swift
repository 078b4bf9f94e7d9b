internal import CLinux
internal import Reactor

/// An order of a task to the transfer thread.
enum Order: Sendable {
    case start(Exchange)
    /// Continues a paused transfer, as there is room for more of the body.
    case goOn(UInt64)
    /// Receives the rest of the body without a reader, to keep the connection.
    case discard(UInt64)
    /// Removes a transfer that nobody needs any more.
    case drop(UInt64)
}

/// The orders for the transfer thread, and the descriptor that wakes it.
///
/// An eventfd that curl_multi_poll waits for does what curl_multi_wakeup does, but needs no handle
/// that several threads share.
final class OrderBox: Sendable {
    private struct State {
        var orders: [Order] = []
        var isClosed = false
    }

    /// Readable after an order or the closing of the box, until it is acknowledged.
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

    /// Adds an order, and wakes the thread if no other order waits.
    ///
    /// - Returns: `false` when the client was shut down.
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

    /// Refuses all further orders.
    ///
    /// - Returns: `false` when the box was closed before.
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
