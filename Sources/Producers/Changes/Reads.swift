internal import Hub
internal import Records

/// Reads the stored result of a job's step; `nil` when the step is not finished.
struct KeptStep: StoreRead {
    let job: String
    let name: String

    func read(from records: any RecordStore) throws(LogUnavailable) -> [UInt8]? {
        guard let job = try records.jobs.find(job) else { return nil }
        return try records.jobs.step(name, of: job)
    }
}

/// A read that returns an error of its own as a result, and throws only errors of the store.
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

/// Finds out which of some leases no longer hold a job.
struct LostLeases: StoreRead {
    let job: String
    let leases: [String]

    func read(from records: any RecordStore) throws(LogUnavailable) -> [String] {
        let job = try records.jobs.find(job)
        return leases.filter { job?.isHeld(by: $0) != true }
    }
}

/// Finds out which of some jobs have ended.
struct EndedJobs: StoreRead {
    let ids: [String]

    func read(from records: any RecordStore) throws(LogUnavailable) -> [String] {
        var ended: [String] = []
        for id in ids where try records.jobs.find(id)?.state.isFinal == true { ended.append(id) }
        return ended
    }
}

/// Reads a post and the influencer who posts it.
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

/// Reads a picture.
struct FindMedia: StoreRead {
    let id: String

    func read(from records: any RecordStore) throws(LogUnavailable) -> MediaRecord? {
        try records.media.find(id)
    }
}

/// Counts the jobs that are queued, scheduled and running.
struct CountJobs: StoreRead {
    func read(from records: any RecordStore) throws(LogUnavailable) -> JobCounts {
        var counts = JobCounts()
        counts.queued = try records.jobs.count(.queued)
        counts.scheduled = try records.jobs.count(.scheduled)
        counts.running = try records.jobs.count(.running)
        return counts
    }
}
