/// How large an event may be; one place for all that read events.
package enum EventLimits {
    /// Bytes of an event's data, as it is sent, unless told otherwise.
    package static let defaultData = 256 << 10
    /// The bytes of data that may be allowed: at most what leaves room for the other fields in a
    /// body of 1 MiB.
    package static let data = 1 << 10...(1 << 20) - envelope
    /// Room for the fields beside the data, in a body, in a line of NDJSON and on a stream.
    package static let envelope = 64 << 10
    /// Resources of one event.
    package static let maximumResources = 100
    /// Bytes of an idempotency key or a coalesce key.
    package static let maximumKey = 256
    package static let keyLength = 1...maximumKey
}
