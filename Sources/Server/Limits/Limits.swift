/// How much callers may take of a hub; 0 means no limit.
package struct Limits: Sendable, Equatable {
    /// Open streams and waiting polls together.
    package var maximumStreams = 0
    /// Open streams and waiting polls of one address, or of one network `/64` of IPv6.
    package var maximumStreamsPerAddress = 0
    /// Open streams and waiting polls of one subject or API key.
    package var maximumStreamsPerSubject = 0
    /// New streams in a second, of each address, key and subject.
    package var streamRate = 0
    /// Requests in a second that change something, of each address, key and subject.
    package var writeRate = 0
    /// Bytes that are published in a second, by each address, key and subject.
    package var byteRate = 0

    package init() {}

    /// Whether places are counted for each address or subject.
    var areByCaller: Bool { maximumStreamsPerAddress > 0 || maximumStreamsPerSubject > 0 }

    var haveRates: Bool { streamRate > 0 || writeRate > 0 || byteRate > 0 }
}
