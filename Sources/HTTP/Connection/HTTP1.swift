// One connection of HTTP/1.1 as a value, which knows no socket, no clock and no routes.
//
// Problem: what a connection does next depends on what its peer has sent, what its peer takes, what
//   has been answered and what time it is, and these come in any order and in any pieces.
// Design: the owner of the connection reports what happened (`didReceive`, `didSend`,
//   `becameReadable`, `timeOut`, `respond` ...), asks `next` what to do, does it, and asks again
//   until the answer is `wait`. Each action is one thing that the owner does itself, so no call
//   closes or changes the connection unexpectedly.
// Invariants: one request at a time: the next one is not parsed before the present one is answered.
//   While the transport takes no bytes, none are read. After the last answer nothing is read.
//   The answers do not depend on how the bytes were cut or in which order the reports came.
// Time: instants are milliseconds of any clock that does not step back. `deadline` is when
//   `timeOut` wants to be called; earlier calls do nothing.
// Cost: the value is never copied, so that reading it does not count references to its arrays.
//   Properties that are read for each request are `mutating get`: with a plain `get` the compiler
//   moves the whole value first.

/// One HTTP/1.1 connection, which turns bytes into requests and answers into bytes (RFC 9112).
package struct HTTP1: ~Copyable, Sendable {
    /// Something that the connection's owner is to do now.
    ///
    /// What is large and rare lies apart, because there are several actions for each request.
    package enum Action: Sendable {
        /// Do nothing until something happens or `deadline` is over, except to send from `unsent`.
        case wait
        /// Receive, and report by `didReceive`, `didReceiveNothing` or `inputEnded`.
        case receive
        /// Send from `unsent`, and report by `didSend` or `didBlock`.
        case send
        /// A request begins: call `accept` or `refuse` to decide about its body.
        case head(RequestHead)
        /// A request has come whole and is to be answered.
        case request(RequestHead, [UInt8])
        /// A part of a body that is taken in pieces.
        case content([UInt8])
        /// A body that is taken in pieces is complete, and the request is to be answered.
        case endOfContent
        /// A body that is taken in pieces cannot be read on; the request is to be answered.
        indirect case brokenContent(RequestError)
        /// Answer the present request with this response.
        indirect case refuse(Response)
        /// The time that was allowed for the answer is over: answer now.
        case expire
        /// Close at once.
        case close
        /// The last answer was sent: end the sending side, and close when the peer has read it.
        ///
        /// `hasReadAll` says that no request of the peer is left half read.
        case linger(hasReadAll: Bool)
    }

    /// How a body is taken.
    package enum BodyPolicy: Equatable, Sendable {
        /// Gathered for the request, up to this many bytes; a longer one is refused with 413.
        case collect(maximum: Int)
        /// Handed over as it comes, without a limit.
        case pieces
    }

    /// How long an answer is waited for.
    package enum Patience: Sendable {
        case unlimited
        /// Until the peer ends its side, on which the connection is closed.
        case whilePeerStays
        /// Until this instant, or until soon after the peer has ended its side; `expire` follows.
        case until(UInt64)
    }

    /// Time limits in milliseconds.
    package struct TimeLimits: Sendable {
        /// The limit from a request's first byte, or from the connection's beginning, to the end of
        /// the head.
        package let head: Int
        /// The limit between two reads of a body, and between two writes of an answer.
        package let body: Int
        /// The limit between two requests.
        package let idle: Int

        package init(head: Int, body: Int, idle: Int) {
            self.head = head
            self.body = body
            self.idle = idle
        }

        /// The time limit for the only request of a connection that is served once.
        var onlyRequest: Int { min(Self.onlyRequestMaximum, head) }

        static let onlyRequestMaximum = 1_000
        /// How long a connection still waits for an answer after its peer has ended its side.
        static let afterPeersEnd = 1_000
    }

    enum Phase: Sendable {
        /// No byte of the next request has come.
        case idle
        case head
        case body
        /// The body is not read for now.
        case paused
        /// The request is complete, or cannot be read on; its answer is not there yet.
        case answering
    }

    enum Body: Sendable {
        case none
        /// A request begins, and `accept` or `refuse` has not been called yet.
        case undecided
        case collect([UInt8])
        case pieces
        /// The body is read only so that the connection can go on; the answer is this response.
        case discard(Response)
    }

    /// The longest body, in bytes, that is read after a refusal so that the connection can go on.
    static let maximumDiscarded = 64 << 10
    /// Beyond this many unsent bytes, they are sent before more requests are read.
    static let outputHighWater = 256 << 10
    /// The largest capacity of `output`, in bytes, that is kept when all is sent.
    static let keptCapacity = 64 << 10

    let timeLimits: TimeLimits
    let begin: UInt64
    /// The instant at which `timeOut` is to be called; `UInt64.max` for never.
    package internal(set) var deadline: UInt64

    var decoder: RequestDecoder
    var phase = Phase.idle
    var requestHead: RequestHead?
    var body = Body.none
    var patience = Patience.unlimited

    /// Whether any byte of a request has ever come.
    var hasBegun = false
    /// Whether the transport may hold bytes: it was readable and has not been found empty since.
    var hasUnreadInput = false
    /// Whether the decoder may have another event for the bytes that it has.
    var hasUnparsedInput = false
    var peerHasEnded = false

    /// The encoded answers; the bytes before `outputStart` have been sent.
    var output: [UInt8] = []
    var outputStart = 0
    /// Whether the transport refused bytes and is not ready yet.
    var isBlocked = false

    /// Whether the connection gets one answer only, to a request that must come within the time
    /// limit set at the beginning.
    let isServedOnce: Bool
    /// Whether the next answer is the connection's last.
    var nextAnswerIsLast: Bool
    /// Whether the connection ends with what is in `output`.
    var closesAfterOutput = false
    /// Whether the connection is to be closed at once, because nobody waits for an answer on it.
    var isAbandoned = false
    var hasTimedOut = false
    /// Whether to end the connection once it is found idle, because the server stops.
    var endsIfIdle = false

    /// Creates a connection that was accepted at `now`.
    ///
    /// One that `isServedOnce` gets one answer, and at most a second for its request.
    package init(
        timeLimits: TimeLimits, limits: RequestLimits = .init(), isServedOnce: Bool = false,
        at now: UInt64
    ) {
        self.timeLimits = timeLimits
        self.isServedOnce = isServedOnce
        decoder = RequestDecoder(limits: limits)
        begin = now
        nextAnswerIsLast = isServedOnce
        deadline = now.later(by: isServedOnce ? timeLimits.onlyRequest : timeLimits.head)
    }

    /// Returns what is to be done now; call it again when that is done, until it returns `wait`.
    package mutating func next(at now: UInt64) -> Action {
        while true {
            if isAbandoned { return .close }
            if hasTimedOut {
                hasTimedOut = false
                // The deadline may have been moved since.
                if now >= deadline, let action = expire(at: now) { return action }
            }
            if phase == .answering, case .discard(let response) = body {
                body = .none
                return .refuse(response)
            }
            if closesAfterOutput, !hasUnsent, phase != .answering {
                return .linger(hasReadAll: decoder.isIdle)
            }
            if output.count - outputStart > Self.outputHighWater, !isBlocked { return .send }
            if mayParse, hasUnparsedInput {
                if let action = parse(at: now) { return action }
            } else if mayParse, hasUnreadInput {
                return .receive
            } else if endsIfIdle {
                endsIfIdle = false
                endIdle(at: now)
            } else {
                return .wait
            }
        }
    }

    /// Whether the next bytes may be parsed.
    private var mayParse: Bool {
        switch phase {
        case .answering, .paused: false
        case .idle, .head, .body: !closesAfterOutput && !isBlocked
        }
    }

    /// Whether a part of a request has come, and the rest is waited for.
    package var isAmidRequest: Bool { mutating get { phase == .head || phase == .body } }

    // MARK: What the transport reports

    package mutating func becameReadable() { hasUnreadInput = true }

    package mutating func becameWritable() { isBlocked = false }

    /// Takes note that the peer has ended its side; bytes that it sent before may still be unread.
    package mutating func peerEnded(at now: UInt64) {
        peerHasEnded = true
        hasUnreadInput = true
        guard phase == .answering else { return }
        switch patience {
        case .unlimited: break
        case .whilePeerStays: isAbandoned = true
        case .until: hurry(at: now)
        }
    }

    /// Takes bytes that the peer has sent.
    ///
    /// `mayHaveMore` says that the transport may hold more of them. If it is `false`,
    /// `becameReadable` is called when more have come.
    package mutating func didReceive(_ bytes: UnsafeRawBufferPointer, mayHaveMore: Bool) {
        unsafe decoder.append(bytes)
        hasUnparsedInput = true
        hasUnreadInput = mayHaveMore || peerHasEnded
    }

    /// Takes note that the transport holds no bytes now.
    package mutating func didReceiveNothing() { hasUnreadInput = false }

    /// Takes note that the peer's last byte was read.
    ///
    /// Answers that are queued are still sent.
    package mutating func inputEnded() {
        hasUnreadInput = false
        if hasUnsent { closesAfterOutput = true } else { isAbandoned = true }
    }

    // MARK: Output

    /// The bytes that wait to be sent.
    package var unsent: ArraySlice<UInt8> { mutating get { output[outputStart...] } }

    var hasUnsent: Bool { outputStart < output.count }

    /// Whether there is something to send that the transport has not refused.
    package var canSend: Bool { mutating get { hasUnsent && !isBlocked } }

    /// Takes note that the transport took the first `count` bytes of `unsent`.
    package mutating func didSend(_ count: Int, at now: UInt64) {
        outputStart += count
        guard !hasUnsent else { return }
        outputStart = 0
        if output.capacity > Self.keptCapacity {
            output = []
        } else {
            output.removeAll(keepingCapacity: true)
        }
        switch phase {
        case .idle: deadline = now.later(by: timeLimits.idle)
        case .answering, .paused: deadline = answerDeadline
        case .head, .body: break
        }
    }

    /// Takes note that the transport took nothing; `becameWritable` follows when it does again.
    package mutating func didBlock(at now: UInt64) {
        isBlocked = true
        deadline = now.later(by: timeLimits.body)
    }

    /// Takes the unsent bytes, for an owner that goes on with the connection without this value.
    package mutating func takeUnsent() -> [UInt8] {
        defer {
            output = []
            outputStart = 0
        }
        return Array(unsent)
    }
}

extension UInt64 {
    /// Returns the instant that is `milliseconds` later.
    func later(by milliseconds: Int) -> UInt64 { self &+ UInt64(Swift.max(0, milliseconds)) }
}
