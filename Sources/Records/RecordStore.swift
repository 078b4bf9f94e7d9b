// The whole list of what a store of records must be able to do, whatever way it does it. All that
// is written through these protocols is written in one transaction, with the events that announce
// it.

/// All records, within one transaction or one unchanging view.
package protocol RecordStore {
    var jobs: any JobStore { get }
    var sessions: any SessionStore { get }
    var influencers: any InfluencerStore { get }
    var posts: any PostStore { get }
    var media: any MediaStore { get }

    /// The time of all that happens in the transaction, in milliseconds since 1970 (UTC).
    var now: Int64 { get }

    /// Runs a part of a transaction; if it breaks a rule of the tables, that part alone is undone.
    ///
    /// - Returns: what `body` returned, or the error that it would meet at any other time as well.
    /// - Throws: `LogUnavailable` that concerns the whole transaction and passes with its cause,
    ///   such as a full disk.
    func savepoint<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Result<Value, LogUnavailable>
}

/// The jobs of a store.
package protocol JobStore {
    // MARK: Changes

    /// Puts a job into the queue.
    func insert(_ job: NewJob, id: String, at now: Int64) throws(LogUnavailable) -> JobRecord
    /// Writes back a record that was read in this transaction.
    func save(_ job: JobRecord) throws(LogUnavailable)
    /// Writes back the figures alone, which is cheap, since no index has them.
    func saveFigures(_ job: JobRecord) throws(LogUnavailable)
    /// Deletes up to `limit` jobs that ended before a time, oldest first.
    ///
    /// - Returns: how many were deleted.
    func prune(endedBefore time: Int64, limit: Int) throws(LogUnavailable) -> Int
    /// Deletes a job with all that is kept of it.
    func delete(_ job: JobRecord) throws(LogUnavailable)

    // MARK: Reading

    func find(_ id: String) throws(LogUnavailable) -> JobRecord?
    /// Returns the article that has this session hash.
    func find(articleHash: String) throws(LogUnavailable) -> JobRecord?
    /// Returns up to `limit` jobs of a kind that ended before a time, oldest first.
    func ended(
        kind: String, before time: Int64, limit: Int
    ) throws(LogUnavailable) -> [JobRecord]
    /// Returns the job that has this key and has neither failed nor been cancelled.
    func find(key: String) throws(LogUnavailable) -> JobRecord?
    /// Returns the queued job of these kinds that is next by priority, then by age.
    func next(kinds: [String]) throws(LogUnavailable) -> JobRecord?
    /// Returns up to `limit` scheduled jobs whose time has come.
    func due(at now: Int64, limit: Int) throws(LogUnavailable) -> [JobRecord]
    /// Returns the next time at which a job becomes due or a lease expires.
    func nextDue() throws(LogUnavailable) -> Int64?
    /// Returns up to `limit` running jobs whose lease has run out.
    func overdue(at now: Int64, limit: Int) throws(LogUnavailable) -> [JobRecord]
    /// Returns the running jobs of this hub itself, whose leases never run out.
    func runningInside() throws(LogUnavailable) -> [JobRecord]
    /// Returns jobs, newest first, before the one with the number `before`.
    func list(
        state: JobState?, kind: String?, before: Int64?, limit: Int
    ) throws(LogUnavailable) -> [JobRecord]
    /// Returns the number of jobs in a state, counted up to `maximum`.
    func count(_ state: JobState, maximum: Int) throws(LogUnavailable) -> Int

    // MARK: Inputs and results

    func contents(of job: JobRecord) throws(LogUnavailable) -> JobContents
    func setResult(_ result: [UInt8]?, of job: JobRecord) throws(LogUnavailable)
    func setContent(_ content: String?, of job: JobRecord) throws(LogUnavailable)
    /// Returns the result of a finished step as JSON; `nil` when the step has not been done.
    func step(_ name: String, of job: JobRecord) throws(LogUnavailable) -> [UInt8]?
    func keepStep(_ name: String, result: [UInt8], of job: JobRecord) throws(LogUnavailable)
    /// Returns how long jobs of a kind and model took that succeeded lately, and how many tokens.
    func past(kind: String, model: String?) throws(LogUnavailable) -> JobPast
}

extension JobStore {
    /// Returns the number of jobs in a state, counted up to 100,000.
    package func count(_ state: JobState) throws(LogUnavailable) -> Int {
        try count(state, maximum: 100_000)
    }
}

/// The sessions of a store.
package protocol SessionStore {
    /// Keeps a new session, which gets its number.
    ///
    /// - Returns: the session as it is kept.
    @discardableResult
    func insert(_ session: SessionRecord) throws(LogUnavailable) -> SessionRecord
    /// Writes back a record that was read in this transaction, and notes when.
    func save(_ session: inout SessionRecord, at now: Int64) throws(LogUnavailable)
    func find(_ id: String) throws(LogUnavailable) -> SessionRecord?
    /// Returns sessions, newest first, before the one with the number `before`.
    func list(before: Int64?, limit: Int) throws(LogUnavailable) -> [SessionRecord]
}

/// The influencers of a store.
package protocol InfluencerStore {
    /// Keeps a new influencer, which gets its number.
    ///
    /// - Returns: the influencer as it is kept.
    @discardableResult
    func insert(_ influencer: InfluencerRecord) throws(LogUnavailable) -> InfluencerRecord
    func find(_ id: String) throws(LogUnavailable) -> InfluencerRecord?
    /// Returns the influencer that was made from a session.
    func find(session: String) throws(LogUnavailable) -> InfluencerRecord?
    /// Returns influencers, newest first, before the one with the number `before`.
    func list(before: Int64?, limit: Int) throws(LogUnavailable) -> [InfluencerRecord]
}

/// The posts of a store.
package protocol PostStore {
    /// Keeps a new post, which gets its number.
    ///
    /// - Returns: the post as it is kept.
    @discardableResult
    func insert(_ post: PostRecord) throws(LogUnavailable) -> PostRecord
    /// Writes back a record that was read in this transaction, and notes when.
    func save(_ post: inout PostRecord, at now: Int64) throws(LogUnavailable)
    func find(_ id: String) throws(LogUnavailable) -> PostRecord?
    /// Returns an influencer's posts, newest first, before the one with the number `before`.
    func list(
        influencer: String, before: Int64?, limit: Int
    ) throws(LogUnavailable) -> [PostRecord]
}

/// The pictures of a store.
package protocol MediaStore {
    func insert(_ media: MediaRecord) throws(LogUnavailable)
    /// Deletes a picture, if it is there.
    func delete(_ id: String) throws(LogUnavailable)
    func find(_ id: String) throws(LogUnavailable) -> MediaRecord?
}
