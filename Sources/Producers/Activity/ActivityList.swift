internal import Hub
internal import JSON
internal import Records

/// The kinds of resources for which it is announced who works on them.
enum ActivityKind: String, CaseIterable, Sendable {
    case influencer
    case post
    case session
    case job

    /// The resource of the announcements.
    var resource: Resource { .activity(rawValue) }
}

/// The work that is done now on resources of one kind, as the event `activity` lists it.
///
/// Its size is bounded: it lists what began last, and counts the rest.
struct ActivityList: Sendable {
    /// The most entries of a list.
    static let maximumEntries = 100

    /// What makes two lists different; the progress does not.
    struct Outline: Equatable, Sendable {
        fileprivate struct Entry: Equatable {
            let resource: Resource
            let job: String
            let step: String?
            let since: Int64?
        }

        fileprivate var entries: [Entry] = []
        fileprivate var more = 0

        /// The outline of a list without work.
        static let empty = Self()
    }

    private(set) var outline = Outline()
    private var jobs: [JobRecord] = []

    /// Adds a job that works on a resource; those that began last come first.
    mutating func add(_ job: JobRecord, on resource: Resource) {
        guard jobs.count < Self.maximumEntries else {
            outline.more += 1
            return
        }
        outline.entries.append(
            Outline.Entry(
                resource: resource, job: job.id, step: job.figures.step, since: job.startedAt))
        jobs.append(job)
    }

    /// The data of the event `activity`.
    var data: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("working")
        json.beginArray()
        for (entry, job) in zip(outline.entries, jobs) {
            json.beginObject()
            json.member("resource", entry.resource.name)
            json.member("job", job.id)
            json.member("kind", job.kind)
            json.member("step", job.figures.step)
            json.member("progress", job.figures.progress)
            json.member("since", time: job.startedAt)
            json.endObject()
        }
        json.endArray()
        if outline.more > 0 { json.member("more", outline.more) }
        json.endObject()
        return json.bytes
    }
}

extension Publication {
    /// Makes the retained event that lists the work on resources of a kind.
    static func activity(_ list: ActivityList, of kind: ActivityKind) -> Publication {
        Publication(
            resources: [kind.resource], name: .activity, data: list.data, isRetained: true,
            // Each list replaces the one before.
            coalesceKey: "activity")
    }
}
