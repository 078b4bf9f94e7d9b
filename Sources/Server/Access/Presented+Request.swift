internal import Access
internal import Glibc
internal import HTTP

extension Presented {
    /// Reads the credentials that a request carries.
    ///
    /// - Parameters:
    ///   - head: The request.
    ///   - inQuery: Whether those in the query count.
    ///   - countsCookie: Whether those in a cookie count.
    /// - Throws: 400 when the query is not percent-encoded UTF-8.
    init(_ head: RequestHead, inQuery: Bool, countsCookie: Bool) throws(Problem) {
        self.init(
            authorization: head.field("authorization"),
            cookie: countsCookie ? head.field("cookie") : nil)
        guard inQuery, head.query != nil else { return }
        let query = try QueryItems(requested: head)
        ticket = query.first("ticket")
        expires = query.first("expires")
        signature = query.first("signature")
        if signature != nil || expires != nil { resources = query.first("resources") }
    }
}

/// The time by which credentials end.
enum UnixTime {
    /// Seconds since 1970 (clock_gettime(2), `CLOCK_REALTIME`).
    static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec
    }
}
