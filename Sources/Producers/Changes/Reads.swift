internal import Hub
internal import Records

/// What a finished step of a job gave; `nil` when it has not been done.
struct KeptStep: StoreRead {
    let job: String
    let name: String

    func read(from records: any RecordStore) throws(LogUnavailable) -> [UInt8]? {
        guard let job = try records.jobs.find(job) else { return nil }
        return try records.jobs.step(name, of: job)
    }
}

/// A read whose own fault is its result, not the store's.
struct AttemptRead<Read: StoreRead>: StoreRead {
    let read: Read

    func read(
        from records: any RecordStore
    ) throws(LogUnavailable) -> Result<Read.Value, LogUnavailable> {
        do throws(LogUnavailable) { return .success(try read.read(from: records)) } catch {
            guard error.isFaultOfChange else { throw error }
            return .failure(error)
        }
    }
}

/// Which of some leases no longer hold a job.
struct LostLeases: StoreRead {
    let job: String
    let leases: [String]

    func read(from records: any RecordStore) throws(LogUnavailable) -> [String] {
        let job = try records.jobs.find(job)
        return leases.filter { job?.isHeld(by: $0) != true }
    }
}

/// A post, and who posts it.
struct FindPostAndAuthor: StoreRead {
    let post: String

    func read(
        from records: any RecordStore
    ) throws(LogUnavailable) -> (post: PostRecord, author: InfluencerRecord)? {
        guard let post = try records.posts.find(post),
            let author = try records.influencers.find(post.influencer)
        else { return nil }
        return (post, author)
    }
}

/// A picture.
struct FindMedia: StoreRead {
    let id: String

    func read(from records: any RecordStore) throws(LogUnavailable) -> MediaRecord? {
        try records.media.find(id)
    }
}

/// How many jobs wait and run.
struct CountJobs: StoreRead {
    func read(from records: any RecordStore) throws(LogUnavailable) -> JobCounts {
        var counts = JobCounts()
        counts.queued = try records.jobs.count(.queued)
        counts.scheduled = try records.jobs.count(.scheduled)
        counts.running = try records.jobs.count(.running)
        return counts
    }
}
