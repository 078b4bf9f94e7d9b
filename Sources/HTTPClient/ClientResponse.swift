/// A response whose head has come and whose body comes as it is read.
package struct ClientResponse: Sendable {
    package let status: Int
    /// In the order in which they came, without surrounding whitespace.
    package let fields: [(name: String, value: String)]
    /// The body, whose transfer ends when the last reference to it is released, read or not.
    package let body: ResponseBody

    /// Returns the value of the first field with a name, regardless of case.
    package func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name.lowercased() == name }?.value
    }

    /// Reads the whole body.
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

/// The bytes of a response in the pieces in which they came, to be read once by one task.
///
/// While nobody reads, at most `ResponseBody.bufferSize` bytes and one piece are held, and the peer
/// has to wait. (Over HTTP/2, curl may hold up to one window more.)
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

    /// Ends the transfer, so that nothing more of the body is received.
    package func abandon() {
        owner.exchange.cancel()
    }

    /// Drops the rest of the body, but receives it for a short while so that the connection can be
    /// used again.
    package func discardRest() {
        owner.exchange.discardRest()
    }

    /// Bytes that wait to be read.
    var bufferedByteCount: Int { owner.exchange.bufferedByteCount }

    func tooLarge(_ reason: String) -> ClientError {
        abandon()
        return ClientError(.tooLarge, origin: owner.exchange.target.origin, reason: reason)
    }

    /// Reads the pieces, while the peer sends no more than fits the buffer.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let owner: BodyOwner

        /// Returns the next piece; `nil` at the end.
        package mutating func next(
            isolation: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> [UInt8]? {
            try await owner.exchange.nextPiece().get()
        }
    }
}

/// Ends the transfer when the response, the body and its iterators have been released.
private final class BodyOwner: Sendable {
    let exchange: Exchange
    /// Held, because a client ends its transfers when its last reference is released.
    private let client: Client

    init(exchange: Exchange, client: Client) {
        self.exchange = exchange
        self.client = client
    }

    deinit {
        exchange.letGo()
    }
}
