internal import Records
internal import Storage

extension LogWriter {
    /// Finds the first event of a publish that may not be published.
    ///
    /// Almost no publish has to be looked at: it must not ask for anything, and the hashes must not
    /// know its resources.
    func conflict(
        in submission: Submission, _ transaction: StoreTransaction
    ) throws(LogUnavailable) -> PublishConflict? {
        var isInQuestion = false
        for publication in submission.publications {
            if publication.isEnd {
                // Before the commit, so that nobody finds an end that the hashes do not know.
                for resource in publication.resources { endIndex.insert(resource.name) }
            }
            isInQuestion =
                isInQuestion || publication.isConditional
                || endIndex.mayHold(any: publication.resources)
        }
        guard isInQuestion else { return nil }
        return try TransactionFacts(epoch: epoch, transaction: transaction)
            .firstConflict(in: submission.publications)
    }
}

/// What the store knows within a transaction.
private struct TransactionFacts: PublishingFacts {
    typealias Failure = LogUnavailable

    let epoch: Epoch
    let transaction: StoreTransaction

    var lastSequence: UInt64 { transaction.lastSequence }

    func hasKey(_ key: String) throws(LogUnavailable) -> Bool { try transaction.hasKey(key) }

    func isEnded(_ resource: Resource) throws(LogUnavailable) -> Bool {
        try transaction.isEnded(resource.name)
    }

    func newestSequence(of resource: Resource) throws(LogUnavailable) -> UInt64 {
        try transaction.newestSequence(of: resource.name)
    }
}
