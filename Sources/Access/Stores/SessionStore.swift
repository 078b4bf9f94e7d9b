/// The sessions that `POST /session` has opened, in memory alone.
package struct SessionStore {
    /// The longest life of a session in seconds: 12 hours.
    package static let maximumLife = 12 * 3600

    /// The most sessions, and the most bytes of their credentials; the oldest give way.
    static let maximumCount = 10_000
    static let maximumBytes = 16 << 20

    package struct Opened: Sendable {
        /// The value of the cookie.
        package let id: String
        /// The second since 1970 at which the session ends.
        package let end: Int
    }

    struct Session: Sendable {
        /// The JWT or API key that the cookie stands for.
        let credential: String
        let end: Int
    }

    private var sessions: [String: Session] = [:]
    private var bytes = 0
    /// The ids in the order in which they were opened, ended ones included.
    private var order: [String] = []
    private var firstInOrder = 0

    /// Opens a session that ends at `limit` at the latest.
    mutating func open(_ credential: String, until limit: Int?, at now: Int) -> Opened {
        let opened = Opened(
            id: Base64URL.text(Crypto.random(32)),
            end: min(limit ?? .max, now + Self.maximumLife))
        sessions[opened.id] = Session(credential: credential, end: opened.end)
        bytes += credential.utf8.count
        order.append(opened.id)
        while sessions.count > Self.maximumCount || bytes > Self.maximumBytes { endOldest() }
        if order.count > 2 * sessions.count + 1000 {
            order = order[firstInOrder...].filter { sessions[$0] != nil }
            firstInOrder = 0
        }
        return opened
    }

    /// Returns a session that has not ended; `nil` for any other id.
    mutating func find(_ id: String, at now: Int) -> Session? {
        guard let session = sessions[id] else { return nil }
        guard now < session.end else {
            end(id)
            return nil
        }
        return session
    }

    /// Returns whether a session is kept: it was not ended, though its time may be over.
    func has(_ id: String) -> Bool { sessions[id] != nil }

    mutating func end(_ id: String) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        bytes -= session.credential.utf8.count
    }

    var count: Int { sessions.count }

    /// The entries of the list by age, which may be more than there are sessions.
    var waitingCount: Int { order.count }

    private mutating func endOldest() {
        end(order[firstInOrder])
        firstInOrder += 1
    }
}
