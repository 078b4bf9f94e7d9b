// Decides whether events may be published, for every kind of log.
//
// Problem: nothing may be published to a resource that has ended, and an event with `expect` only
//   when its resource has no newer event. Both must hold in the order of the log, whoever else
//   publishes at the same time.
// Algorithm: the log asks within the transaction that will store the events, event by event in
//   their order. What the events before in the same publish would change is kept beside the log's
//   own answers, so nothing has to be taken back when a later event may not be published.
// Cost: nothing for events that ask nothing, as long as their resources may not have ended (a hash
//   says so). Otherwise a few look-ups for each event.

/// The reason why an event of a publish may not be published.
///
/// It is an object because it is rare, and lies beside what comes with every publish.
package final class PublishConflict: Sendable {
    package enum Reason: Equatable, Sendable {
        /// The resource has ended.
        case ended
        /// The event expects that nothing is newer than a cursor, and this is.
        ///
        /// It is the newest event of the resource, or sequence 0 when it has none; then the cursor
        /// is none of this log.
        case newer(EventID)
    }

    /// The place of the event among those of its publish, from 0.
    package let index: Int
    package let resource: Resource
    package let reason: Reason

    init(_ index: Int, _ resource: Resource, _ reason: Reason) {
        self.index = index
        self.resource = resource
        self.reason = reason
    }

    /// A sentence for the publisher.
    package var sentence: String {
        switch reason {
        case .ended:
            "\(resource) has ended; DELETE /resources/\(resource) forgets that and its state."
        case .newer(let current):
            "\(resource) has other events than the publisher knows; the newest one is \(current)."
        }
    }
}

/// What a log knows within the transaction in which events are to be stored.
protocol PublishingFacts {
    associatedtype Failure: Error

    var epoch: Epoch { get }
    /// The last sequence given.
    var lastSequence: UInt64 { get }

    /// Whether an event with this idempotency key was published lately.
    func hasKey(_ key: String) throws(Failure) -> Bool
    func isEnded(_ resource: Resource) throws(Failure) -> Bool
    /// Returns the sequence of the newest event of a resource; 0 when none is kept.
    func newestSequence(of resource: Resource) throws(Failure) -> UInt64
}

extension PublishingFacts {
    /// Finds the first event that may not be published.
    ///
    /// An event whose key was used before publishes nothing, so there is nothing to ask for it.
    func firstConflict(
        in publications: [Publication]
    ) throws(Failure) -> PublishConflict? {
        var earlier = EarlierEvents()
        for (index, publication) in publications.enumerated() {
            if let key = publication.key {
                if !earlier.keys.insert(Array(key.utf8)).inserted { continue }
                if try hasKey(key) { continue }
            }
            for resource in publication.resources {
                if earlier.ended.contains(resource) { return .init(index, resource, .ended) }
                if try isEnded(resource) { return .init(index, resource, .ended) }
            }
            if let expected = publication.expected {
                let resource = publication.resources[0]
                let newest = try newestSequence(of: resource)
                let isCursor = expected.epoch == epoch && expected.sequence <= lastSequence
                if !isCursor || newest > expected.sequence || earlier.touched.contains(resource) {
                    let current = EventID(epoch: epoch, sequence: newest)
                    return .init(index, resource, .newer(current))
                }
            }
            earlier.add(publication)
        }
        return nil
    }
}

extension Publication {
    /// Whether it has to be asked of the log whether the event may be published, even if none of
    /// its resources has ended.
    var isConditional: Bool { isEnd || expected != nil }
}

/// What the events before one would have changed.
private struct EarlierEvents {
    /// By bytes, because to Swift two normal forms of a key are the same string.
    var keys: Set<[UInt8]> = []
    var ended: Set<Resource> = []
    /// The resources that have got durable events.
    var touched: Set<Resource> = []

    mutating func add(_ publication: Publication) {
        guard !publication.isTransient else { return }
        touched.formUnion(publication.resources)
        if publication.isEnd { ended.formUnion(publication.resources) }
    }
}
