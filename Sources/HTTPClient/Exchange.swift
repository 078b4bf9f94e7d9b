// Connects a task that waits for a response with the thread that receives it.
//
// Problem: curl calls back with bytes on its thread and must never wait there. The task reads them
//   when it likes, and may be cancelled or release the response at any time.
// Invariants:
//   - All state is behind one lock. Continuations are resumed after it is released, each once.
//   - `end` is set once, but a cancellation replaces it. What came before the peer ended the
//     response can still be read. A cancellation drops it, so that the reader does not take a part
//     for the whole.
//   - `isPaused` is set by curl's thread when a piece does not fit. It is cleared by the reader
//     that makes room, which also orders curl to go on. So after each refused piece, somebody tells
//     curl to offer it again.

internal import Reactor

/// The head of a response.
struct ResponseHead: Sendable {
    var status: Int
    var fields: [(name: String, value: String)]
}

/// One request and its response, shared by the task that asked and the transfer thread.
final class Exchange: Sendable {
    typealias HeadResult = Result<ResponseHead, ClientError>
    typealias PieceResult = Result<[UInt8]?, ClientError>

    private struct State {
        var head: ResponseHead?
        var headWaiter: CheckedContinuation<HeadResult, Never>?
        var pieces = Queue<[UInt8]>()
        var byteCount = 0
        var isPaused = false
        var isDiscarding = false
        var pieceWaiter: CheckedContinuation<PieceResult, Never>?
        /// How the response ended, with `.success` for a complete one; `nil` until then.
        var end: Result<Void, ClientError>?
    }

    let id: UInt64
    let request: ClientRequest
    let target: RequestTarget
    let proxy: ProxySettings.Proxy?
    private let orders: OrderBox
    private let state = Lock(State())

    init(
        id: UInt64, request: ClientRequest, target: RequestTarget, proxy: ProxySettings.Proxy?,
        orders: OrderBox
    ) {
        self.id = id
        self.request = request
        self.target = target
        self.proxy = proxy
        self.orders = orders
    }

    // MARK: For the task that asked

    /// Waits for the head; cancelling the task ends the transfer.
    func head() async -> HeadResult {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: HeadResult? = state.withLock { state in
                    if case .failure(let error) = state.end { return .failure(error) }
                    if let head = state.head { return .success(head) }
                    state.headWaiter = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Waits for the next piece of the body; cancelling the task ends the transfer.
    func nextPiece() async -> PieceResult {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                var mustGoOn = false
                let known: PieceResult? = state.withLock { state in
                    if let piece = state.pieces.popFirst() {
                        state.byteCount -= piece.count
                        // Only when the buffer is half empty, so that curl is not told to go on for
                        // every piece.
                        mustGoOn = state.isPaused && state.byteCount <= ResponseBody.bufferSize / 2
                        if mustGoOn { state.isPaused = false }
                        return .success(piece)
                    }
                    if let end = state.end { return end.map { nil } }
                    if state.isDiscarding { return .success(nil) }
                    precondition(state.pieceWaiter == nil, "a body is read by one task at a time")
                    state.pieceWaiter = continuation
                    return nil
                }
                if mustGoOn { orders.post(.goOn(id)) }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends the transfer unless it has ended, and drops what is unread.
    func cancel() {
        let hasEnded = finish(.failure(cancelled), isCancellation: true)
        if hasEnded { orders.post(.drop(id)) }
    }

    /// Drops the rest of the body, which the transfer thread still receives for a limited time.
    func discardRest() {
        let isRunning = state.withLock { state in
            state.isDiscarding = true
            state.isPaused = false
            state.pieces = Queue()
            state.byteCount = 0
            return state.end == nil
        }
        if isRunning { orders.post(.discard(id)) }
    }

    /// Ends the transfer because nobody reads any more, unless its rest is being discarded.
    func letGo() {
        if !state.withLock(\.isDiscarding) { cancel() }
    }

    var cancelled: ClientError {
        ClientError(.cancelled, origin: target.origin, reason: "cancelled")
    }

    private var missingHead: ClientError {
        ClientError(.closedEarly, origin: target.origin, reason: "its head is not complete")
    }

    /// The bytes that wait to be read.
    var bufferedByteCount: Int { state.withLock(\.byteCount) }

    // MARK: For the transfer thread

    /// Whether the reader must make room before more can come.
    var isPaused: Bool { state.withLock(\.isPaused) }

    func receive(_ head: ResponseHead) {
        let waiter = state.withLock { state in
            if state.end == nil { state.head = head }
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: .success(head))
    }

    /// What happened to a piece that curl offered.
    enum Reception {
        case taken
        /// Nothing was taken. It must be offered again after the order to go on.
        case full
        /// The response has ended for the reader, so the transfer can end.
        case unwanted
    }

    func receive(_ piece: [UInt8]) -> Reception {
        var waiter: CheckedContinuation<PieceResult, Never>?
        let reception: Reception = state.withLock { state in
            if state.end != nil { return .unwanted }
            if state.isDiscarding { return .taken }
            if let reader = state.pieceWaiter {
                waiter = reader
                state.pieceWaiter = nil
                return .taken
            }
            guard
                state.byteCount == 0 || state.byteCount + piece.count <= ResponseBody.bufferSize
            else {
                state.isPaused = true
                return .full
            }
            state.pieces.append(piece)
            state.byteCount += piece.count
            return .taken
        }
        waiter?.resume(returning: .success(piece))
        return reception
    }

    /// Notes how the response ended and resumes the waiting task.
    ///
    /// - Returns: `false` when the response had ended before.
    @discardableResult
    func finish(_ end: Result<Void, ClientError>, isCancellation: Bool = false) -> Bool {
        var end = end
        var headWaiter: CheckedContinuation<HeadResult, Never>?
        var pieceWaiter: CheckedContinuation<PieceResult, Never>?
        let isFirst = state.withLock { state in
            let isFirst = state.end == nil
            if isCancellation {
                state.pieces = Queue()
                state.byteCount = 0
            }
            // curl accepts a head that breaks off after a line.
            if isFirst, state.head == nil { end = end.flatMap { .failure(missingHead) } }
            if isFirst || isCancellation { state.end = end }
            guard isFirst else { return false }
            headWaiter = state.headWaiter
            pieceWaiter = state.pieceWaiter
            state.headWaiter = nil
            state.pieceWaiter = nil
            return true
        }
        headWaiter?.resume(returning: end.flatMap { .failure(missingHead) })
        pieceWaiter?.resume(returning: end.map { nil })
        return isFirst
    }
}
