// Remembers credentials that were accepted, so that a publisher's next request with the same token
// costs a look-up instead of a signature.
//
// Invariants:
// - Only what was accepted is in it, so a flood of bad tokens changes nothing.
// - It belongs to one policy and goes with it. Nothing in it outlives its credentials: their dates
//   are looked at with each use.
// - Its size is bounded: there are two halves, and when the younger one is full, the older one is
//   dropped. What is used moves to the younger half.

/// The credentials that one policy has accepted, by their text.
struct CredentialCache {
    private struct Entry {
        let identity: Identity
        /// The second since 1970 before which the credentials are not good.
        let notBefore: Int?

        func isGood(at now: Int) -> Bool {
            !identity.hasExpired(at: now) && now >= notBefore ?? .min
        }
    }

    private var younger: [String: Entry] = [:]
    private var older: [String: Entry] = [:]
    /// The bytes of the texts in the younger half.
    private var bytes = 0

    /// The most credentials, and the most bytes of their texts, in one half.
    static let maximumCount = 5000
    static let maximumBytes = 4 << 20

    /// Returns who the credentials' bearer is; `nil` when they have to be checked.
    mutating func find(_ text: String, at now: Int) -> Identity? {
        if let entry = younger[text] { return entry.isGood(at: now) ? entry.identity : nil }
        guard !older.isEmpty, let entry = older.removeValue(forKey: text), entry.isGood(at: now)
        else { return nil }
        keep(entry, text)
        return entry.identity
    }

    mutating func insert(_ identity: Identity, notBefore: Int?, for text: String) {
        keep(Entry(identity: identity, notBefore: notBefore), text)
    }

    private mutating func keep(_ entry: Entry, _ text: String) {
        if younger.count >= Self.maximumCount || bytes >= Self.maximumBytes {
            older = younger
            younger = [:]
            bytes = 0
        }
        bytes += text.utf8.count
        younger[text] = entry
    }

    var count: Int { younger.count + older.count }
}
