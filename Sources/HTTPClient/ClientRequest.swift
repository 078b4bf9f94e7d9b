/// A request to another server.
package struct ClientRequest: Sendable {
    /// Time limits in seconds, each independent of the others; 0 means no limit.
    package struct Timeouts: Sendable, Hashable {
        /// For making the connection, TLS included.
        package var connect: Double
        /// Without a byte in either direction, once connected.
        package var stall: Double
        /// Like `stall`, until the first byte of the body, as some servers let requests wait; `nil`
        /// for the value of `stall`.
        package var start: Double?
        /// For the whole exchange.
        package var total: Double

        package init(
            connect: Double = 5, stall: Double = 60, start: Double? = nil, total: Double = 600
        ) {
            self.connect = connect
            self.stall = stall
            self.start = start
            self.total = total
        }
    }

    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    /// Names and values without line breaks.
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]?
    package var timeouts: Timeouts
    package var followsRedirects: Bool
    /// Whether sending the request twice does no harm.
    ///
    /// A request that is not repeatable gets a connection of its own. Where a server closes a used
    /// connection without an answer, curl sends the request again by itself, although it may have
    /// been served.
    package var isRepeatable: Bool

    /// Makes a request, which is repeatable by default if its method is GET or HEAD.
    package init(
        _ method: String, _ url: String, fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, timeouts: Timeouts = Timeouts(), followsRedirects: Bool = false,
        isRepeatable: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeouts = timeouts
        self.followsRedirects = followsRedirects
        self.isRepeatable = isRepeatable ?? (method == "GET" || method == "HEAD")
    }
}
