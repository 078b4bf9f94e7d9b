/// An event as its producer gave it, checked, not yet in the log.
public struct Publication: Sendable {
    /// The 1–100 resources to which the event goes, each once.
    package var resources: [Resource]
    package var name: EventName
    /// The producer's JSON value: valid, compact, otherwise byte for byte as it came.
    package var data: [UInt8]
    /// Whether the event is kept as the state of each of its resources under its name.
    package var isRetained: Bool
    /// Whether the event is only delivered live and not stored in the log.
    package var isTransient: Bool
    /// Whether the event is the last one of each of its resources.
    package var isEnd = false
    /// The key under which a newer event of the same resources replaces one that waits to be sent.
    package var coalesceKey: String?
    /// The idempotency key, by which a repetition of the event is recognised.
    package var key: String?
    /// What the event means for streams that have a rule; never set from outside.
    package var mark: Mark?
    /// The name of the subject or key that published it, which is kept with the event; `nil` when
    /// nobody is named.
    package var publisher: String?
    /// What few events have; it lies apart so that the others are cheap to hand on.
    private var terms: Terms?

    private final class Terms: Sendable {
        let lifetime: Int64?
        let expected: EventID?

        init(lifetime: Int64?, expected: EventID?) {
            self.lifetime = lifetime
            self.expected = expected
        }
    }

    /// For how many milliseconds the event is state, if it is retained; `nil` for no limit of its
    /// own.
    package var lifetime: Int64? {
        get { terms?.lifetime }
        set { terms = Terms(lifetime: newValue, expected: expected) }
    }

    /// The cursor that no event of the resource may be newer than, or else nothing is published.
    package var expected: EventID? {
        get { terms?.expected }
        set { terms = Terms(lifetime: lifetime, expected: newValue) }
    }

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
