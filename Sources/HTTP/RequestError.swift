/// What a client may send before it is refused; sizes are in bytes.
package struct RequestLimits: Sendable {
    /// The request line without its CRLF; beyond it 414.
    package var requestLine = 8192
    /// The head with all its line ends, and apart from it a trailer section; beyond it 431.
    package var head = 32768
    /// Field lines in a head, and again in a trailer section; beyond it 431.
    package var fields = 100
    /// The ``RequestDecoder/bodyLimit`` with which each request starts.
    package var body: Int? = 1_048_576
    /// Empty lines before a request line (RFC 9112, 2.2); beyond it 400.
    package var emptyLines = 8
    /// One line with a chunk's size and extensions, without its CRLF; beyond it 400.
    package var chunkLine = 1024
    /// By how much all chunk extensions of a body may be larger than its content; beyond it 400
    /// (RFC 9112, 7.1.1).
    package var chunkExtensions = 16384

    package init() {}
}

/// A request that is refused by its form alone; the connection cannot be parsed any further.
///
/// The caller answers with ``status`` and closes (RFC 9112, 2.2 and 9.6).
package struct RequestError: Error, Sendable, Equatable {
    package let status: Status
    /// A sentence that says what was wrong and what would be right.
    package let detail: String

    package init(_ status: Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    static func bad(_ detail: String) -> RequestError { RequestError(.badRequest, detail) }
}
