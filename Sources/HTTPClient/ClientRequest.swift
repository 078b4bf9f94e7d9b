/// A request to another server.
package struct ClientRequest: Sendable {
    /// Limits in seconds; each is separate, and 0 means none.
    package struct Timeouts: Sendable, Hashable {
        /// Until the connection, TLS included, stands.
        package var connect: Double
        /// Without one byte in either direction once connected.
        package var stall: Double
        /// For all of it.
        package var total: Double

        package init(connect: Double = 5, stall: Double = 60, total: Double = 600) {
            self.connect = connect
            self.stall = stall
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

    package init(
        _ method: String, _ url: String, fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, timeouts: Timeouts = Timeouts(), followsRedirects: Bool = false
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeouts = timeouts
        self.followsRedirects = followsRedirects
    }
}
