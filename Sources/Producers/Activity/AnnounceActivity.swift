internal import Hub
internal import Records

/// What was announced last, and on what the running jobs work.
struct ActivityMemory: Sendable {
    /// The outline of each kind's last list.
    ///
    /// A kind of which it is not known has none, and its list is announced in any case.
    var announced: [ActivityKind: ActivityList.Outline] = [:]
    /// The resources on which each running job works, so that its input is read once.
    var subjects: [String: [Resource]] = [:]
}

/// Announces the work that is under way, for each kind whose list has changed.
///
/// The rows of the jobs are what it goes by, so a list is true whatever happened before.
struct AnnounceActivity: StoreChange {
    /// The most running jobs that are looked at, those that were created last.
    static let maximumJobs = 1000

    let memory: ActivityMemory

    /// - Returns: what is to be remembered for the next announcement.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> ActivityMemory {
        var jobs = try records.jobs.list(
            state: .running, kind: nil, before: nil, limit: Self.maximumJobs)
        jobs.sort { ($0.startedAt ?? 0, $0.number) > ($1.startedAt ?? 0, $1.number) }
        var next = ActivityMemory()
        var lists: [ActivityKind: ActivityList] = [:]
        for job in jobs {
            let subjects: [Resource]
            if let known = memory.subjects[job.id] {
                subjects = known
            } else {
                subjects = try Self.subjects(of: job, in: records)
            }
            next.subjects[job.id] = subjects
            for resource in subjects {
                guard let kind = ActivityKind(rawValue: resource.kind) else { continue }
                lists[kind, default: ActivityList()].add(job, on: resource)
            }
        }
        for kind in ActivityKind.allCases {
            let list = lists[kind] ?? ActivityList()
            next.announced[kind] = list.outline
            if memory.announced[kind] != list.outline { events.append(.activity(list, of: kind)) }
        }
        return next
    }

    /// Returns what a job works on: itself, and the records that its input names.
    ///
    /// A post's job works for the influencer who posts it, too. Names in the input of a worker
    /// outside count when there is such a record, so that nothing else in an input is shown.
    private static func subjects(
        of job: JobRecord, in records: any RecordStore
    ) throws(LogUnavailable) -> [Resource] {
        let input = try records.jobs.contents(of: job).input
        var subjects = [Resource.job(job.id)]
        if let id = RecordJSON.member("session", of: input), try records.sessions.find(id) != nil {
            subjects.append(.session(id))
        }
        var influencer: String?
        if let id = RecordJSON.member("influencer", of: input),
            try records.influencers.find(id) != nil
        {
            influencer = id
        }
        if let id = RecordJSON.member("post", of: input), let post = try records.posts.find(id) {
            subjects.append(.post(id))
            influencer = influencer ?? post.influencer
        }
        if let influencer { subjects.append(.influencer(influencer)) }
        return subjects
    }
}
