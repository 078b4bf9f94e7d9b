internal import HTTP
internal import Hub
internal import Reactor

/// One accepted connection; not isolated, owned by one worker.
final class Connection {
    /// What a connection is used for now.
    enum Life {
        /// Its peer and the hub agree on keys first.
        ///
        /// `isReady` says that the handshake's next step can be done and waits for its turn.
        case handshaking(isReady: Bool)
        /// It carries requests, one after the other, until one of them opens a stream.
        case requests(RequestState)
        case stream(Subscriber)
        /// The last answer was sent, and the peer is given time to read it.
        ///
        /// `hasReadAll` says that no request of the peer is left half read.
        case lingering(hasReadAll: Bool)
        case closed
    }

    let transport: Transport
    let token: UInt64
    @safe @exclusivity(unchecked) var life: Life

    /// The instant at which its present phase has lasted too long.
    @safe @exclusivity(unchecked) var deadline = Instant(milliseconds: .max)
    /// When the timer wheel next comes to the connection; an entry that comes up before is stale.
    @safe @exclusivity(unchecked) var scheduled = Instant(milliseconds: .max)
    /// Milliseconds of silence after which its stream gets a keep-alive; 0 before it is a stream.
    ///
    /// These four bytes share a word with the flag below, so that they add nothing to an idle
    /// stream's memory.
    @safe @exclusivity(unchecked) var keepalive: UInt32 = 0
    /// Whether the peer has ended its side: it sends nothing more, but may still read.
    @safe @exclusivity(unchecked) var peerHasEnded = false
    let admission: Admission

    /// The state of the hub when the connection was accepted.
    enum Admission {
        case regular
        /// No descriptors were left: it uses one of the reserve, and is closed after its first
        /// answer.
        case onReserve
        /// The hub was stopping already.
        case late
    }

    /// Creates a connection that begins with the handshake of its transport.
    init(_ transport: Transport, token: UInt64, admission: Admission) {
        self.transport = transport
        self.token = token
        self.admission = admission
        life = .handshaking(isReady: false)
    }

    /// The state of its requests; `nil` when it does not carry requests.
    var requests: RequestState? {
        if case .requests(let state) = life { state } else { nil }
    }

    /// The stream that it is; `nil` when it is none.
    var subscriber: Subscriber? {
        if case .stream(let subscriber) = life { subscriber } else { nil }
    }
}
