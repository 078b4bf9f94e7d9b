internal import HTTP

/// What is known of the page that sent a request, whose `Host` and `Origin` have passed.
///
/// It has no payload, since it is copied with each request.
enum OriginCheck: Sendable, Equatable {
    /// The request has no `Origin`: it comes from a program, or it only reads and comes from a page
    /// of the same origin, or it is a navigation.
    case absent
    /// The page is the hub's own.
    case own
    /// The page's origin is listed.
    case listed
    /// The page's origin is allowed by `*` alone.
    case anyone

    /// Returns whether a cookie of the request may count as a credential.
    ///
    /// Browsers add cookies to requests that pages of other sites make. For a request that changes
    /// something, `Origin` must have passed, or `Sec-Fetch-Site` must say that no other site is
    /// behind it. With `*` no cookie ever counts, because any page could then act as its visitor.
    /// `POST /stream` is no request that changes something.
    func allowsCookie(of head: RequestHead, changes: Bool) -> Bool {
        switch self {
        case .own, .listed: true
        case .anyone: false
        case .absent:
            !changes || head.isField("sec-fetch-site", "same-origin")
                || head.isField("sec-fetch-site", "none")
        }
    }
}
