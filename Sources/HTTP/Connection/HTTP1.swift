// One connection of HTTP/1.1 as a value: no socket, no clock, no idea what a request is for.
//
// Problem: what a connection does next depends on what its peer has sent, what its peer takes, what
//   has been answered and what time it is, and these come in any order and in any pieces.
// Design: whoever has the connection reports what happened (`didReceive`, `didSend`,
//   `becameReadable`, `timeOut`, `respond` ...), asks `next` what to do, does it, and asks again
//   until the answer is `wait`. Each action is one thing, so nobody has to expect that a call has
//   changed the connection behind its back.
// Invariants: one request at a time: the next one is not parsed before the present one is answered.
//   While the transport takes no bytes, none are read. After the last answer nothing is read.
//   The answers do not depend on how the bytes were cut or in which order the reports came.
// Time: instants are milliseconds of any clock that does not step back. `deadline` is when
//   `timeOut` wants to be called; earlier calls do nothing.
// Cost: it is never copied, so that no question to it touches its arrays' counters. What is asked
//   for each request is asked by `mutating get`: else the compiler moves the whole value first.

/// A connection that carries HTTP/1.1 requests one after the other, from bytes to requests and from
/// answers to bytes (RFC 9112).
package struct HTTP1: ~Copyable, Sendable {
    /// What is to be done for the connection now.
    package enum Action: Sendable {
        /// Nothing, until something happens or `deadline` is over; what is unsent may be sent.
        case wait
        /// Receive, and report by `didReceive`, `didReceiveNothing` or `inputEnded`.
        case receive
        /// Send from `unsent`, and report by `didSend` or `didBlock`.
        case send
        /// A request begins: decide by `accept` or `refuse` what is done with its body.
        case head(RequestHead)
        /// A request has come whole and is to be answered.
        case request(RequestHead, [UInt8])
        /// A part of a body that is taken in pieces.
        case content([UInt8])
        /// A body that is taken in pieces is complete, and the request is to be answered.
        case endOfContent
        /// A body that is taken in pieces cannot be read on; the request is to be answered.
        case brokenContent(RequestError)
        /// Answer the present request with this.
        case refuse(Response)
        /// The time for which an answer was to be waited for is over: answer now.
        case expire
        /// Close at once.
        case close
        /// All is said: end the sending side, and close when the peer has read it.
        ///
        /// `hasReadAll` says that the peer is not in the middle of a request.
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
        /// Until the peer ends its side: then the connection is closed.
        case whilePeerStays
        /// Until this instant, or soon after the peer has ended its side: then comes `expire`.
        case until(UInt64)
    }

    /// Time limits in milliseconds.
    package struct TimeLimits: Sendable {
        /// From a request's first byte, or from the connection's begin, to the end of the head.
        package let head: Int
        /// Between two reads of a body, and between two writes of an answer.
        package let body: Int
        /// Between two requests.
        package let idle: Int

        package init(head: Int, body: Int, idle: Int) {
            self.head = head
            self.body = body
            self.idle = idle
        }

        /// For the only request of a connection that is served once.
        var onlyRequest: Int { min(Self.onlyRequestMaximum, head) }

        static let onlyRequestMaximum = 1_000
        /// How long an answer is still waited for whose peer has ended its side.
        static let afterPeersEnd = 1_000
    }

    enum Phase: Sendable {
        /// Nothing of the next request has come.
        case idle
        case head
        case body
        /// A body of which no more is wanted for now.
        case paused
        /// The request is complete, or cannot be read on; its answer is not there yet.
        case answering
    }

    enum Body: Sendable {
        case none
        /// A request begins, and nobody has said yet how its body is taken.
        case undecided
        case collect([UInt8])
        case pieces
        /// Read only so that the connection can go on; the answer is known.
        case discard(Response)
    }

    /// A body that nobody wants is read up to this size, so that the connection can go on.
    static let maximumDiscarded = 64 << 10
    /// Unsent bytes from which on they are sent at once, however many requests can still be read.
    static let outputHighWater = 256 << 10
    /// Memory for output that is kept when all is sent.
    static let keptCapacity = 64 << 10

    let timeLimits: TimeLimits
    let begin: UInt64
    /// When `timeOut` is to be called; `UInt64.max` for never.
    package internal(set) var deadline: UInt64

    var decoder: RequestDecoder
    var phase = Phase.idle
    var requestHead: RequestHead?
    var body = Body.none
    var patience = Patience.unlimited

    /// Whether any byte ever came.
    var hasBegun = false
    /// The transport may hold bytes: it was ready for reading and has not been found empty since.
    var hasUnreadInput = false
    /// The decoder may hold more than it has said.
    var hasUnparsedInput = false
    var peerHasEnded = false

    /// Encoded answers; what stands before `outputStart` was sent.
    var output: [UInt8] = []
    var outputStart = 0
    /// Whether the transport refused bytes and is not ready yet.
    var isBlocked = false

    /// Whether the connection is served once, within the time that it was given at the begin.
    let isServedOnce: Bool
    /// Whether the next answer is the connection's last.
    var nextAnswerIsLast: Bool
    /// Whether the connection ends with what is in `output`.
    var closesAfterOutput = false
    /// Nobody is there any more to be answered.
    var isAbandoned = false
    var hasTimedOut = false
    /// Whether a connection that turns out to be idle is to be ended, as the server stops.
    var endsIfIdle = false

    /// A connection that was made at `now`; one that `isServedOnce` gets one answer, and little
    /// time to ask.
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

    /// What is to be done now; to be asked again when it is done, until it is `wait`.
    package mutating func next(at now: UInt64) -> Action {
        while true {
            if isAbandoned { return .close }
            if hasTimedOut {
                hasTimedOut = false
                // What was waited for may have come since.
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

    // MARK: What the transport reports

    package mutating func becameReadable() { hasUnreadInput = true }

    package mutating func becameWritable() { isBlocked = false }

    /// The peer has ended its side; what it sent before may still be unread.
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

    /// Takes bytes.
    ///
    /// `mayHaveMore` says that the transport may hold further ones. If not, it tells when it does.
    package mutating func didReceive(_ bytes: UnsafeRawBufferPointer, mayHaveMore: Bool) {
        unsafe decoder.append(bytes)
        hasUnparsedInput = true
        hasUnreadInput = mayHaveMore || peerHasEnded
    }

    /// The transport holds nothing now.
    package mutating func didReceiveNothing() { hasUnreadInput = false }

    /// The peer has sent its last byte, and that was read; it still gets the answers that it is
    /// owed.
    package mutating func inputEnded() {
        hasUnreadInput = false
        if hasUnsent { closesAfterOutput = true } else { isAbandoned = true }
    }

    // MARK: Output

    /// What waits to be sent.
    package var unsent: ArraySlice<UInt8> { mutating get { output[outputStart...] } }

    var hasUnsent: Bool { outputStart < output.count }

    /// Whether there is something to send that the transport has not refused.
    package var canSend: Bool { mutating get { hasUnsent && !isBlocked } }

    /// The transport took the first `count` bytes of `unsent`.
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

    /// The transport took nothing, and says when it takes bytes again.
    package mutating func didBlock(at now: UInt64) {
        isBlocked = true
        deadline = now.later(by: timeLimits.body)
    }

    /// Hands over what is unsent, for who goes on with the connection in a way of its own.
    package mutating func takeUnsent() -> [UInt8] {
        defer {
            output = []
            outputStart = 0
        }
        return Array(unsent)
    }
}

extension UInt64 {
    /// The instant so many milliseconds later.
    func later(by milliseconds: Int) -> UInt64 { self &+ UInt64(Swift.max(0, milliseconds)) }
}
