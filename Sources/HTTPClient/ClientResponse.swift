/// A response whose head is there and whose body comes as it is read.
package struct ClientResponse: Sendable {
    package let status: Int
    /// In the order in which they came, without surrounding whitespace.
    package let fields: [(name: String, value: String)]
    /// Letting go of it, read to its end or not, ends the transfer.
    package let body: ResponseBody

    /// The value of the first field of that name, in whatever case.
    package func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name.lowercased() == name }?.value
    }

    /// The whole body.
    ///
    /// - Throws: `ClientError`, `.tooLarge` as soon as more than `limit` bytes have come.
    package func collect(upTo limit: Int) async throws(ClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunks = body.makeAsyncIterator()
        while let chunk = try await chunks.next(isolation: #isolation) {
            guard bytes.count + chunk.count <= limit else {
                throw body.tooLarge("more than \(limit) bytes")
            }
            bytes += chunk
        }
        return bytes
    }
}

/// The bytes of a response in the pieces in which they came; read by one task, once.
///
/// While nobody reads, at most `ResponseBody.bufferSize` bytes and one piece are held, and the peer
/// waits. (Over HTTP/2 curl may hold up to its window more.)
package struct ResponseBody: AsyncSequence, Sendable {
    /// Bytes that may wait to be read.
    package static let bufferSize = 256 << 10

    package typealias Element = [UInt8]
    package typealias Failure = ClientError

    private let owner: BodyOwner

    init(_ exchange: Exchange, client: Client) {
        owner = BodyOwner(exchange: exchange, client: client)
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner: owner) }

    /// Takes no more of the body; the transfer ends.
    package func abandon() {
        owner.exchange.cancel()
    }

    /// Takes no more of the body, but lets a short rest come, so that the connection can be used
    /// again.
    package func discardRest() {
        owner.exchange.discardRest()
    }

    /// Bytes that wait to be read.
    var bufferedByteCount: Int { owner.exchange.bufferedByteCount }

    func tooLarge(_ reason: String) -> ClientError {
        abandon()
        return ClientError(.tooLarge, origin: owner.exchange.target.origin, reason: reason)
    }

    /// Takes the pieces; the peer is not asked for more than fits until they are taken.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let owner: BodyOwner

        /// The next piece; `nil` at the end.
        package mutating func next(
            isolation: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> [UInt8]? {
            try await owner.exchange.nextPiece().get()
        }
    }
}

/// Ends the transfer when the response, the body and its iterators are gone.
private final class BodyOwner: Sendable {
    let exchange: Exchange
    /// Kept, because a client that nobody holds ends its transfers.
    private let client: Client

    init(exchange: Exchange, client: Client) {
        self.exchange = exchange
        self.client = client
    }

    deinit {
        exchange.letGo()
    }
}
