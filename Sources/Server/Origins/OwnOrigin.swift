internal import HTTP
internal import Reactor

/// What a request says of the origin that it was sent to, which is the hub's own one.
///
/// The hub knows neither its public name nor whether a proxy before it speaks TLS. So a page counts
/// as the hub's own when its origin has the host and port of `Host`. A trusted proxy may replace
/// the host, and may state the scheme.
struct OwnOrigin: Equatable {
    /// `nil` when the request does not say it, or says it wrong: nothing is then the own origin.
    let authority: Authority?
    /// `nil` when nobody stated it: it may be any.
    let scheme: String?

    /// Reads what a request says; what proxies add counts only with `isFromProxy`.
    init(_ head: RequestHead, isFromProxy: Bool) {
        let forwarded = isFromProxy ? Self.forwarded(head) : (host: nil, scheme: nil)
        authority = (forwarded.host ?? head.authority).flatMap { Authority($0) }
        scheme = forwarded.scheme?.lowercased()
    }

    /// Whether `origin` is this one; a port that is not written is the usual one of its scheme.
    func equals(_ origin: WebOrigin) -> Bool {
        guard let authority, scheme == nil || scheme == origin.scheme else { return false }
        return WebOrigin(scheme: origin.scheme, authority) == origin
    }

    /// What proxies wrote into `X-Forwarded-Host` and `X-Forwarded-Proto`; without either of them,
    /// into `Forwarded`.
    ///
    /// They are never mixed: a proxy that writes the first two may pass on a `Forwarded` of its
    /// client. In each of them the last proxy writes last, and it alone is known to be trusted.
    private static func forwarded(_ head: RequestHead) -> (host: String?, scheme: String?) {
        let host = head.field("x-forwarded-host").map(last)
        let scheme = head.field("x-forwarded-proto").map(last)
        guard host == nil, scheme == nil, let text = head.field("forwarded"),
            let element = Forwarded.parse(text)?.last
        else { return (host, scheme) }
        return (element.host, element.scheme)
    }

    private static func last(of list: String) -> String {
        let element = list.split(separator: ",", omittingEmptySubsequences: false).last ?? ""
        return String(element.trimmingWhitespace)
    }
}

extension Substring {
    /// The text without the spaces and tabs at its ends.
    var trimmingWhitespace: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { start[...$0] } ?? ""
    }
}
