package import HTTP
package import Records

extension Problem {
    /// Makes the problem that the store is unavailable: 503, with the time after which to try
    /// again.
    package init(_ reason: LogUnavailable) {
        self.init(.serviceUnavailable, reason.outline, retryAfter: reason.retryAfter)
    }
}
