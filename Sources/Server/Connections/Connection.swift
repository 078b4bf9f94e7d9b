internal import HTTP
internal import Hub
internal import Reactor

/// One accepted connection; not isolated, owned by one worker.
final class Connection {
    /// What a connection is there for.
    enum Life {
        /// It carries requests, one after the other, until one of them opens a stream.
        case requests(RequestState)
        case stream(Subscriber)
        /// All is said, and the peer is given time to read it.
        ///
        /// `hasReadAll` says that the peer is not in the middle of a request.
        case lingering(hasReadAll: Bool)
        case closed
    }

    let transport: Transport
    let token: UInt64
    @safe @exclusivity(unchecked) var life: Life

    /// When its present phase has lasted too long.
    @safe @exclusivity(unchecked) var deadline = Instant(milliseconds: .max)
    /// When the timer wheel will ask; entries that come up before are stale.
    @safe @exclusivity(unchecked) var scheduled = Instant(milliseconds: .max)
    /// Milliseconds of silence after which its stream gets a keep-alive; 0 before there is one.
    ///
    /// In four bytes beside a flag, where a stream that is idle pays nothing for it.
    @safe @exclusivity(unchecked) var keepalive: UInt32 = 0
    /// The peer has ended its side: nothing more comes from it, and it may still read.
    @safe @exclusivity(unchecked) var peerHasEnded = false
    let admission: Admission

    /// In which state of the hub a connection was taken.
    enum Admission {
        case regular
        /// On a descriptor held back for this: all else is taken, and the next request gets the
        /// last answer.
        case onReserve
        /// While the hub was stopping already.
        case late
    }

    init(_ transport: Transport, token: UInt64, admission: Admission, http: consuming HTTP1) {
        self.transport = transport
        self.token = token
        self.admission = admission
        life = .requests(RequestState(http))
    }

    /// Present while it carries requests.
    var requests: RequestState? {
        if case .requests(let state) = life { state } else { nil }
    }

    /// Present while it is a stream.
    var subscriber: Subscriber? {
        if case .stream(let subscriber) = life { subscriber } else { nil }
    }
}
