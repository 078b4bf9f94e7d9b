package import HTTP
package import Records

extension Problem {
    /// The store can neither be read nor written now: 503, with the time after which to try again.
    package init(_ reason: LogUnavailable) {
        self.init(.serviceUnavailable, reason.outline, retryAfter: reason.retryAfter)
    }
}
