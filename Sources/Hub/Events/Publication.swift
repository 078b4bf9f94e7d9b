/// An event as its producer gave it, checked, not yet in the log.
package struct Publication: Sendable {
    /// Where to: 1–100 resources, each once.
    package var resources: [Resource]
    package var name: EventName
    /// The producer's JSON value: valid, compact, otherwise byte for byte as it came.
    package var data: [UInt8]
    /// Kept as the state of each of its resources under its name.
    package var isRetained: Bool
    /// Delivered live only; not in the log.
    package var isTransient: Bool
    /// Under pressure a newer event of the same resource and key replaces an undelivered older one.
    package var coalesceKey: String?
    /// The idempotency key.
    package var key: String?
    /// What the event means for streams that have a rule; never set from outside.
    package var mark: Mark?

    package init(
        resources: [Resource], name: EventName = .message, data: [UInt8],
        isRetained: Bool = false, isTransient: Bool = false, coalesceKey: String? = nil,
        key: String? = nil, mark: Mark? = nil
    ) {
        self.resources = resources
        self.name = name
        self.data = data
        self.isRetained = isRetained
        self.isTransient = isTransient
        self.coalesceKey = coalesceKey
        self.key = key
        self.mark = mark
    }
}
