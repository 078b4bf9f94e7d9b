internal import Hub
internal import Reactor

/// One accepted socket; not isolated, owned by one worker.
///
/// It carries requests one after the other (`exchange`) until one of them opens a stream
/// (`subscriber`).
final class Connection {
    let socket: Socket
    let token: UInt64

    /// Present while the connection carries requests, and after a stream while the peer is given
    /// time to read its end.
    @safe @exclusivity(unchecked) var exchange: Exchange?
    /// Present once the connection is a stream.
    @safe @exclusivity(unchecked) var subscriber: Subscriber?

    /// When its present phase has lasted too long.
    @safe @exclusivity(unchecked) var deadline = Instant(milliseconds: .max)
    /// When the timer wheel will ask; entries that come up before are stale.
    @safe @exclusivity(unchecked) var scheduled = Instant(milliseconds: .max)
    /// Milliseconds of silence after which its stream gets a keep-alive; 0 before there is one.
    ///
    /// In four bytes beside a flag, where a stream that is idle pays nothing for it.
    @safe @exclusivity(unchecked) var keepalive: UInt32 = 0
    /// Only waits for the peer to read the last answer and go.
    var isLingering = false
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

    init(socket: Socket, token: UInt64, admission: Admission = .regular) {
        self.socket = socket
        self.token = token
        self.admission = admission
        exchange = Exchange()
    }
}
