/// The tickets that were made and not used yet.
package struct TicketStore {
    /// The longest time in seconds within which a ticket must be used, and the usual one.
    package static let maximumTTL = 300
    package static let standardTTL = 30

    /// The most unused tickets in all, and of one publisher.
    static let maximumCount = 100_000
    static let maximumPerPublisher = 20_000

    package struct Ticket: Sendable {
        package let text: String
        /// The second since 1970 at which it ends unused.
        package let expires: Int
    }

    /// The reason why no ticket is made.
    package enum Fault: Error, Sendable, Equatable {
        /// The caller itself may not receive this.
        case notAllowed(resource: String)
        /// Too many tickets wait for their use.
        case tooMany
    }

    private struct Entry {
        let identity: Identity
        let end: Int
    }

    private var entries: [String: Entry] = [:]
    private var counts: [String: Int] = [:]
    /// The tickets in the order in which they were made, used ones included.
    private var order: [(text: String, end: Int)] = []
    private var firstInOrder = 0

    private static let prefix = "mt_"

    mutating func make(
        for identity: Identity, ttl: Int, at now: Int
    ) throws(Fault) -> Ticket {
        removeExpired(at: now)
        let publisher = identity.publisher ?? ""
        guard entries.count < Self.maximumCount,
            counts[publisher, default: 0] < Self.maximumPerPublisher
        else { throw .tooMany }
        let ticket = Ticket(
            text: Self.prefix + Base64URL.text(Crypto.random(32)),
            expires: now + min(max(ttl, 1), Self.maximumTTL))
        entries[ticket.text] = Entry(identity: identity, end: ticket.expires)
        counts[publisher, default: 0] += 1
        order.append((ticket.text, ticket.expires))
        return ticket
    }

    /// Spends a ticket.
    ///
    /// - Throws: a `malformed`, `used` or `expired` refusal.
    mutating func take(_ text: String, at now: Int) throws(Refusal) -> Identity {
        guard text.utf8.starts(with: Self.prefix.utf8),
            Base64URL.bytes(text.utf8.dropFirst(Self.prefix.utf8.count))?.count == 32
        else { throw Refusal(.malformed, "This is no ticket; POST /tickets makes one.") }
        guard let entry = remove(text) else {
            throw Refusal(
                .used,
                "The ticket was used already, or the hub that made it has forgotten it; a ticket "
                    + "is good once. For a browser that connects again by itself use a signed URL.")
        }
        guard now < entry.end else {
            throw Refusal(.expired, "The ticket was not used in time; get a new one.")
        }
        return entry.identity
    }

    var count: Int { entries.count }

    private mutating func remove(_ text: String) -> Entry? {
        guard let entry = entries.removeValue(forKey: text) else { return nil }
        let publisher = entry.identity.publisher ?? ""
        counts[publisher, default: 1] -= 1
        if counts[publisher] == 0 { counts[publisher] = nil }
        return entry
    }

    /// Removes tickets that ended some time ago.
    ///
    /// They are kept a while, so that a late use is told that it is late. A ticket of a long life
    /// keeps those behind it from being removed for at most `maximumTTL`.
    private mutating func removeExpired(at now: Int) {
        while firstInOrder < order.count, order[firstInOrder].end + Self.maximumTTL <= now {
            _ = remove(order[firstInOrder].text)
            firstInOrder += 1
        }
        if order.count > 2 * entries.count + 1000 {
            order = order[firstInOrder...].filter { entries[$0.text] != nil }
            firstInOrder = 0
        }
    }
}
