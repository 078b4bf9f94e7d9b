/// The limits of a request's parts, beyond which it is refused; sizes are in bytes.
package struct RequestLimits: Sendable {
    /// The longest request line without its CRLF; beyond it 414.
    package var requestLine = 8192
    /// The longest head with all its line ends, and the longest trailer section; beyond it 431.
    package var head = 32768
    /// The most field lines in a head, and the most in a trailer section; beyond it 431.
    package var fields = 100
    /// The ``RequestDecoder/bodyLimit`` with which each request starts.
    package var body: Int? = 1_048_576
    /// The most empty lines before a request line (RFC 9112, 2.2); beyond it 400.
    package var emptyLines = 8
    /// The longest line with a chunk's size and extensions, without its CRLF; beyond it 400.
    package var chunkLine = 1024
    /// How many bytes more than its content all chunk extensions of a body may have; beyond it 400
    /// (RFC 9112, 7.1.1).
    package var chunkExtensions = 16384

    package init() {}
}

/// A request that cannot be read: its bytes break a rule of HTTP or a limit, or come too late.
///
/// The connection cannot be parsed any further: the caller answers with ``status`` and closes it
/// (RFC 9112, 2.2 and 9.6).
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
