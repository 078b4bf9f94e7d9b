/// A request method (RFC 9110, 9.1); methods are case-sensitive.
package enum Method: Sendable, Equatable {
    case get, head, post, patch, put, delete, options
    /// Any other token: the router answers it with 405.
    case other(String)

    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .patch: "PATCH"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other(let name): name
        }
    }

    /// Creates the method that a token names; no string is made for the common ones.
    init(token: borrowing Span<UInt8>) {
        switch token.count {
        case 3 where token.equals("GET"): self = .get
        case 3 where token.equals("PUT"): self = .put
        case 4 where token.equals("POST"): self = .post
        case 4 where token.equals("HEAD"): self = .head
        case 5 where token.equals("PATCH"): self = .patch
        case 6 where token.equals("DELETE"): self = .delete
        case 7 where token.equals("OPTIONS"): self = .options
        default: self = .other(token.text)
        }
    }
}
