/// Who a caller is and what it may do, as the policy saw it when the request came.
///
/// It is an immutable object, so that a stream keeps it for the price of a reference.
package final class Identity: Sendable {
    /// The kind of credentials that made it.
    package enum Kind: Sendable {
        case anonymous
        case token
        case key
        case signedURL
        case ticket
        case session
    }

    package let kind: Kind
    /// A token's `sub`, `key:NAME` for an API key; `nil` when nobody is named.
    package let subject: String?
    /// The API key that this comes from, also by a ticket or a session.
    let key: APIKey?
    /// The id of the session that this comes from, also by a ticket.
    package let sessionID: String?
    /// All that the caller may do, the anonymous grants included.
    package let grants: Grants
    /// What the credentials themselves allow, without the anonymous grants.
    package let ownGrants: Grants
    /// The second since 1970 at which the credentials end; `nil` for never.
    package let expires: Int?
    /// Seconds behind `expires` during which the credentials are still accepted.
    package let leeway: Int
    /// Whether the credentials came in a cookie, which a browser sends by itself.
    package let isFromCookie: Bool

    init(
        kind: Kind, subject: String? = nil, key: APIKey? = nil, own: Grants, anonymous: Grants,
        expires: Int? = nil, leeway: Int = 0, arrival: AccessPolicy.Arrival = .init()
    ) {
        self.kind = kind
        self.subject = subject
        self.key = key
        sessionID = arrival.sessionID
        publisher = key.map { "key:" + $0.name } ?? subject.map { "sub:" + $0 }
        self.grants = own.union(anonymous)
        self.ownGrants = own
        self.isFromCookie = arrival.isFromCookie
        if let end = arrival.sessionEnd, end < expires.map({ $0 + leeway }) ?? .max {
            self.expires = end
            self.leeway = 0
        } else {
            self.expires = expires
            self.leeway = leeway
        }
    }

    /// The name of the API key that this comes from, also by a ticket or a session.
    package var keyName: String? { key?.name }

    /// The subject of the token that this comes from, also by a ticket or a session.
    ///
    /// An API key is a program's, which may have streams for whom it likes.
    package var person: String? { key == nil ? subject : nil }

    /// The name of the publisher that is kept with events; `nil` when nobody is named.
    ///
    /// A token's subject is set apart from the names of keys, because whoever signs tokens may
    /// choose any subject, such as `key:shop`.
    package let publisher: String?

    /// Whether a PATCH may add to a stream that was opened with these credentials.
    ///
    /// A signed URL allows exactly the resources that are signed.
    package var allowsAdding: Bool { kind != .signedURL }

    /// Returns whether both are the same subject: of tokens, or of the same API key.
    package func isSameSubject(as other: Identity) -> Bool {
        guard let publisher, let otherPublisher = other.publisher else { return false }
        return publisher.utf8.elementsEqual(otherPublisher.utf8)
    }

    /// Returns the second since 1970 at which a stream ends that is opened at `now`; `nil` for
    /// never.
    ///
    /// A stream that is opened within the leeway ends with it.
    package func end(openedAt now: Int) -> Int? {
        expires.map { now < $0 ? $0 : $0 + leeway }
    }

    /// Returns whether the credentials are accepted no longer at `now`.
    package func hasExpired(at now: Int) -> Bool { expires.map { now >= $0 + leeway } ?? false }
}
