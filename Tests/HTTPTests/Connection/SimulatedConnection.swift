// A connection without a socket, a clock or a thread, which drives an `HTTP1`.
//
// What can happen next is a list: bytes arrive, the system tells of it (once for each edge, as
// epoll does), it takes bytes again, an answer is ready, a timer fires, time passes. In a shuffled
// run numbers from a seed choose; in an orderly run the first of the list happens.

import TestSupport

@testable import HTTP

struct SimulatedConnection: ~Copyable {
    enum Order {
        /// Pieces arrive one after the other, all is taken and answered at once.
        case orderly
        /// Everything in any order, in pieces of any size; only time limits are kept.
        case shuffled(seed: UInt64)
    }

    enum End {
        case closed, lingered
        /// The peer has sent all and keeps the connection open.
        case kept
        case stuck, endless, expiredWithoutNeed

        var isExpected: Bool { self == .closed || self == .lingered || self == .kept }
    }

    private enum Event { case arrive, readable, peerEnds, ended, send, writable, answer, resume }

    static let timeLimits = HTTP1.TimeLimits(head: 10_000, body: 30_000, idle: 75_000)

    var http: HTTP1
    let server: SimulatedServer
    private let isShuffled: Bool
    private var numbers: SeededNumbers
    private(set) var now: UInt64 = 1_000

    // From the peer.
    private var pieces: [[UInt8]]
    private var socket: [UInt8] = []
    private var hasEdge = false
    private var peerHasEnded = false
    /// The peer does not end its side: no edge but those of its bytes has them read.
    private let peerStays: Bool
    private var hasEndEdge = false
    /// How much still happens until the peer neither sends nor takes anything; `nil` for ever.
    private var eventsUntilSilence: Int?

    // To the peer.
    private var room = Int.max
    /// What the peer has received.
    private(set) var received: [UInt8] = []

    // At work.
    private var head: RequestHead?
    private var way = SimulatedServer.Way.collected
    private var content: [UInt8] = []
    private var contentError: RequestError?
    private var owesAnswer = false
    private var isPaused = false

    init(
        _ pieces: [[UInt8]], server: SimulatedServer, order: Order = .orderly,
        silentAfter: Int? = nil
    ) {
        self.server = server
        http = HTTP1(timeLimits: Self.timeLimits, at: now)
        eventsUntilSilence = silentAfter
        switch order {
        case .orderly:
            self.pieces = pieces
            isShuffled = false
            peerStays = false
            numbers = SeededNumbers(seed: 0)
        case .shuffled(let seed):
            isShuffled = true
            numbers = SeededNumbers(seed: seed)
            peerStays = numbers.next() % 2 == 0
            self.pieces = []
            for piece in pieces { cut(piece) }
        }
    }

    private mutating func cut(_ bytes: [UInt8]) {
        let longest = [1, 3, 20, 200].randomElement(using: &numbers) ?? 1
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...longest, using: &numbers))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
    }

    private var isSilent: Bool { eventsUntilSilence == 0 }

    private mutating func chance(_ one: Int) -> Bool {
        isShuffled && Int.random(in: 0..<one, using: &numbers) == 0
    }

    /// Lets things happen until the connection ends.
    mutating func run() -> End {
        for _ in 0..<20_000 {
            if let end = obey() { return end }
            if chance(4) { passTime() }
            // A timer that comes early means nothing.
            if chance(4) { http.timeOut(at: now) }
            let events = possibleEvents()
            guard let first = events.first else {
                if peerStays, !isSilent { return .kept }
                guard reachDeadline() else { return .stuck }
                continue
            }
            happen(isShuffled ? events.randomElement(using: &numbers) ?? first : first)
            if let left = eventsUntilSilence, left > 0 { eventsUntilSilence = left - 1 }
        }
        return .endless
    }

    private mutating func possibleEvents() -> [Event] {
        var events: [Event] = []
        if hasEdge { events.append(.readable) }
        if hasEndEdge { events.append(.ended) }
        // A poll is answered when its time is over or sooner.
        if owesAnswer { events.append(.answer) }
        if isPaused { events.append(.resume) }
        if http.canSend { events.append(.send) }
        if isSilent { return events }
        if http.isBlocked { events.append(.writable) }
        if !pieces.isEmpty { events.append(.arrive) }
        if pieces.isEmpty, !peerHasEnded, !peerStays { events.append(.peerEnds) }
        return events
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .arrive:
            socket += pieces.removeFirst()
            hasEdge = true
        case .readable:
            hasEdge = false
            http.becameReadable()
        case .peerEnds:
            peerHasEnded = true
            hasEndEdge = true
        case .ended:
            hasEndEdge = false
            http.peerEnded(at: now)
        case .send: send()
        case .writable:
            room = Int.random(in: 1...300, using: &numbers)
            http.becameWritable()
        case .answer:
            owesAnswer = false
            answer()
        case .resume:
            isPaused = false
            http.resumeContent(at: now)
        }
    }

    // MARK: Time

    /// Lets time pass, but not to a deadline, unless it is that of a poll.
    private mutating func passTime() {
        if owesAnswer, way == .polled, !http.isBlocked, http.deadline != .max, chance(2) {
            now = max(now, http.deadline)
            return
        }
        let end = min(http.deadline, now + 100_000)
        if now < end { now = UInt64.random(in: now..<end, using: &numbers) }
    }

    /// Where nothing else can happen, the next time limit passes; `false` when there is none.
    private mutating func reachDeadline() -> Bool {
        guard isSilent, http.deadline != .max else { return false }
        now = max(now, http.deadline)
        http.timeOut(at: now)
        return true
    }

    // MARK: What the machine asks for

    /// Obeys until there is nothing to be done; how the connection ended, if it did.
    private mutating func obey() -> End? {
        while true {
            switch http.next(at: now) {
            case .wait: return nil
            case .receive: receive()
            case .send: send()
            case .head(let head): begin(head)
            case .request(let head, let body):
                self.head = head
                content = body
                work()
            case .content(let bytes):
                content += bytes
                if chance(3) {
                    http.pauseContent()
                    isPaused = true
                }
            case .endOfContent: work()
            case .brokenContent(let error):
                contentError = error
                work()
            case .refuse(let response): respond(response)
            case .expire:
                guard owesAnswer, way == .polled else { return .expiredWithoutNeed }
                owesAnswer = false
                answer()
            case .close: return .closed
            case .linger: return .lingered
            }
        }
    }

    private mutating func receive() {
        guard !socket.isEmpty else {
            if peerHasEnded { return http.inputEnded() }
            return http.didReceiveNothing()
        }
        let most = isShuffled ? Int.random(in: 1...socket.count, using: &numbers) : socket.count
        let bytes = Array(socket.prefix(most))
        socket.removeFirst(bytes.count)
        let mayHaveMore = !socket.isEmpty || chance(2)
        unsafe bytes.withUnsafeBytes { unsafe http.didReceive($0, mayHaveMore: mayHaveMore) }
    }

    private mutating func send() {
        while http.canSend {
            if chance(3) || isSilent { room = min(room, Int.random(in: 0...40, using: &numbers)) }
            let count = min(room, http.unsent.count)
            guard count > 0 else { return http.didBlock(at: now) }
            received += http.unsent.prefix(count)
            if room != .max { room -= count }
            http.didSend(count, at: now)
        }
    }

    private mutating func begin(_ head: RequestHead) {
        self.head = head
        content = []
        contentError = nil
        way = server.way(of: head)
        guard let policy = server.policy(of: way) else {
            return http.refuse(server.refusal(of: head))
        }
        http.accept(policy)
    }

    /// Answers now or later.
    private mutating func work() {
        isPaused = false
        guard isShuffled else { return answer() }
        owesAnswer = true
        if way == .polled { http.awaitAnswer(.until(now + 20_000), at: now) }
    }

    private mutating func answer() {
        guard let head else { return }
        let response = server.response(to: head, content, error: contentError)
        guard contentError == nil, http.takesSharedHead, head.method != .head else {
            return respond(response)
        }
        let shared = response.encodedFields(
            close: false, date: SimulatedServer.date,
            constant: SimulatedServer.fieldLines.keptAlive)
        http.respond(sharedHead: shared, content: response.body)
    }

    private mutating func respond(_ response: Response) {
        http.respond(
            response, date: SimulatedServer.date, fieldLines: SimulatedServer.fieldLines)
    }
}
