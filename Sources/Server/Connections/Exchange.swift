internal import HTTP

/// The request and response of the moment on one connection; not isolated.
final class Exchange {
    /// What the time limit is for.
    enum Phase {
        /// Nothing of the next request has come.
        case idle
        case head
        case body
        /// The request is complete, its answer is not.
        case answering
    }

    /// What the bytes of the body are for.
    enum Body {
        case none
        /// Gathered for the endpoint that answers.
        case collect(Route, [UInt8])
        /// Published line by line as it comes.
        case lines(LineIngest)
        /// Read only so that the connection can go on; the answer is known.
        case discard(Response)
    }

    @safe @exclusivity(unchecked) var decoder = RequestDecoder()
    var phase = Phase.idle
    @safe @exclusivity(unchecked) var head: RequestHead?
    @safe @exclusivity(unchecked) var body = Body.none
    /// What the broker's answer is for.
    var reply: PublishReply?
    /// Who sends the requests.
    let caller = Caller.anyone
    /// Whether any byte ever came.
    var hasBegun = false
    /// The socket may hold bytes: it was ready for reading and has not been found empty since.
    var hasUnreadInput = false
    /// The decoder may hold more than it has said.
    var hasUnparsedInput = false

    /// The answer is being worked out; ends when the connection does.
    var answering: Task<Void, Never>?
    /// Nobody wants the answer once the peer has gone.
    var endsWithPeer = false

    /// Encoded responses that the kernel has not taken yet.
    @safe @exclusivity(unchecked) var output: [UInt8] = []
    @safe @exclusivity(unchecked) var outputStart = 0
    /// Whether the connection ends with what is in `output`.
    var closesAfterOutput = false
    /// Whether the socket refused bytes and is not ready yet.
    var isBlocked = false

    /// Whether the present request has been read whole, and nothing of a next one has come.
    var hasReadAll: Bool { decoder.isIdle }

    /// Whether the next bytes may be parsed.
    var mayParse: Bool { phase != .answering && !closesAfterOutput && !isBlocked }
}
