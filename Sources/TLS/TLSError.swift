internal import COpenSSL

/// The reason why certificates or keys cannot be used, as a sentence for the operator.
package struct TLSError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The reason of OpenSSL's last failure, in its words.
    static var reason: String {
        unsafe tls_reason().map { unsafe String(cString: $0) } ?? "no reason given"
    }

    /// Writes a time, in seconds since 1970, as people write it, in UTC.
    static func date(_ seconds: Int64) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress else { return "" }
            let length = unsafe tls_date(seconds, start, text.count)
            return length > 0 ? unsafe String(cString: start) : "another time"
        }
    }
}
