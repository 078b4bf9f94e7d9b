/// Why a request to another server failed.
package struct ClientError: Error, Hashable {
    /// The kinds of failure that a caller may treat differently.
    package enum Kind: Sendable, Hashable {
        /// The URL is malformed, or its scheme is neither `http` nor `https`.
        case invalidURL
        /// The method or a field would break the request's framing.
        case invalidRequest
        case cannotResolve
        case cannotConnect
        /// No secure connection was made: the certificate is unknown or for another name, or there
        /// is no common version of TLS.
        case insecure
        case connectTimeout
        /// After connecting, no byte was received or sent for longer than `Timeouts.stall`.
        case stalled
        /// No byte was received or sent for longer than `Timeouts.start`, before the first of the
        /// body.
        case silent
        case totalTimeout
        /// The connection broke, or ended before the response did.
        case closedEarly
        /// The response is larger than the caller takes.
        case tooLarge
        /// The caller cancelled, or the client was shut down.
        case cancelled
        case other
    }

    package var kind: Kind
    /// The server's address, such as `http://127.0.0.1:11434`, without path and credentials; empty
    /// if unknown.
    package var origin: String
    /// The cause in a few words for use within a sentence, such as `connection refused`.
    package var reason: String

    package init(_ kind: Kind, origin: String = "", reason: String) {
        self.kind = kind
        self.origin = origin
        self.reason = reason
    }
}

extension ClientError: CustomStringConvertible {
    /// The error as a sentence for people.
    package var description: String {
        let place = origin.isEmpty ? "the server" : origin
        return switch kind {
        case .invalidURL: "This is no http or https URL: \(reason)."
        case .invalidRequest: "The request cannot be sent: \(reason)."
        case .cannotResolve: "The name in \(place) cannot be resolved (\(reason))."
        case .cannotConnect: "There is no connection to \(place) (\(reason))."
        case .insecure: "There is no secure connection to \(place) (\(reason))."
        case .connectTimeout: "No connection to \(place) was made in time (\(reason))."
        case .silent: "There is no answer of \(place) yet (\(reason))."
        case .stalled: "The exchange with \(place) stalled (\(reason))."
        case .totalTimeout: "The exchange with \(place) took too long (\(reason))."
        case .closedEarly: "The connection to \(place) broke off (\(reason))."
        case .tooLarge: "The response of \(place) is too large (\(reason))."
        case .cancelled: "The request was cancelled."
        case .other: "The request to \(place) failed (\(reason))."
        }
    }
}
