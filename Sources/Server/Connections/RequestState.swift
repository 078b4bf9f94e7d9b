internal import HTTP
internal import Hub
internal import Reactor

/// The state of a connection while it carries requests; not isolated.
final class RequestState {
    /// Decides what is to be done next for the connection.
    @safe @exclusivity(unchecked) var http: HTTP1
    /// Who sends the present request.
    @safe @exclusivity(unchecked) var caller = Caller.anyone

    /// The round in which the present request's credentials were accepted.
    @safe @exclusivity(unchecked) var admitted: UInt64 = 0
    /// The credentials of the last request whose `Authorization` was accepted.
    @safe @exclusivity(unchecked) var known: Gate.Known?
    /// Whether nothing was read yet, so that a header of the PROXY protocol may come.
    @safe @exclusivity(unchecked) var mayBeginWithProxyHeader = true
    /// The client that a trusted proxy has announced by the PROXY protocol.
    @safe @exclusivity(unchecked) var announcedAddress: IPAddress?
    /// Who sent the present request; `nil` where no proxies are trusted, and it is the peer.
    @safe @exclusivity(unchecked) var clientAddress: IPAddress?
    /// What is known of the page that sent the present request.
    @safe @exclusivity(unchecked) var origin = OriginCheck.absent
    /// The fields that let that page read the answer.
    @safe @exclusivity(unchecked) var corsFields: [(String, String)] = []
    /// The head of a request that waits for keys.
    @safe @exclusivity(unchecked) var undecided: RequestHead?
    /// The route of the request that is being read.
    @safe @exclusivity(unchecked) var route: Route?
    /// The body of that request, if it is one of lines.
    var ingest: LineIngest?
    /// The body of that request, if it is a file.
    var upload: UploadIngest?
    /// The form of the reply that is owed once the broker answers.
    var reply: PublishReply?
    /// Events of the present request that are published in a later turn than they were read.
    @safe @exclusivity(unchecked) var unpublished: [Publication] = []
    /// The task that works out the answer; it is cancelled when the connection ends.
    var answering: Task<Void, Never>?
    /// Whether others go first.
    @safe @exclusivity(unchecked) var priority = TurnPriority()
    /// How many actions may still be carried out before others have their turn.
    var actionsLeft = RequestDesk.actionsPerTurn
    /// Whether as much was received in this turn as one connection may make others wait for.
    var hasReceivedEnough = false
    /// Whether the connection is in a queue of those that go on later.
    var isPostponed = false
    /// Whether the connection is in the list of those that are written to before the turn ends.
    var isResponding = false

    init(_ http: consuming HTTP1) {
        self.http = http
    }

    /// Allows the connection as much as each has in a turn.
    func beginTurn(at now: Instant) {
        actionsLeft =
            priority.isBackground(at: now)
            ? RequestDesk.backgroundActions : RequestDesk.actionsPerTurn
        hasReceivedEnough = false
    }
}
