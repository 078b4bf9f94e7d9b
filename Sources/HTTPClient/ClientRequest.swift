/// A request to another server.
package struct ClientRequest: Sendable {
    /// Limits in seconds; each is separate, and 0 means none.
    package struct Timeouts: Sendable, Hashable {
        /// Until the connection, TLS included, stands.
        package var connect: Double
        /// Without one byte in either direction once connected.
        package var stall: Double
        /// The same until the first byte of the body, where servers let requests wait; `nil` for
        /// `stall`.
        package var start: Double?
        /// For all of it.
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
    /// Whether sending it twice does no harm.
    ///
    /// What is not repeatable goes over a connection of its own: where a server closes a used one
    /// without an answer, curl sends the request again by itself, although it may have been served.
    package var isRepeatable: Bool

    /// Without `isRepeatable`, GET and HEAD are.
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
