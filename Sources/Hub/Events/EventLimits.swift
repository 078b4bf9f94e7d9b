/// The limits of an event's size, in one place for all that read events.
package enum EventLimits {
    /// The most bytes of an event's data, as it is sent, unless told otherwise.
    package static let defaultData = 256 << 10
    /// The values that the limit of data can be set to: the largest leaves room for the other
    /// fields in a body of 1 MiB.
    package static let data = 1 << 10...(1 << 20) - envelope
    /// The bytes for the fields beside the data, in a body, in a line of NDJSON and on a stream.
    package static let envelope = 64 << 10
    /// The most resources of one event.
    package static let maximumResources = 100
    /// The seconds for which a producer can have state kept.
    package static let lifetime = 1.0...31_536_000
    /// The most bytes of an idempotency key or a coalesce key.
    package static let maximumKey = 256
    package static let keyLength = 1...maximumKey
}
