// How the API shows records one by one and in lists. All kinds are shown alike, so there is one
// function for each purpose.

internal import HTTP
internal import Hub
internal import JSON
internal import Records

/// A record that is found by its identifier and shown as JSON.
protocol ListedRecord: Sendable {
    /// The name of such a record in problems and answers.
    static var noun: String { get }

    var id: String { get }
    var number: Int64 { get }

    static func find(
        _ id: String, in records: any RecordStore
    ) throws(LogUnavailable) -> Self?

    func write(to json: inout JSONWriter)
}

/// A list of records, the newest first.
protocol RecordList: Sendable {
    associatedtype Row: ListedRecord

    /// The member of the answer that holds the rows.
    static var name: String { get }

    /// Returns why there is no such list; `nil` when there is one.
    func problem(in records: any RecordStore) throws(LogUnavailable) -> Problem?

    /// Returns up to `limit` rows that are older than the one with the number `before`.
    func rows(
        before: Int64?, limit: Int, in records: any RecordStore
    ) throws(LogUnavailable) -> [Row]
}

extension RecordList {
    func problem(in records: any RecordStore) throws(LogUnavailable) -> Problem? { nil }
}

/// Reads the record with an identifier.
struct Find<Row: ListedRecord>: StoreRead {
    let id: String

    init(_ id: String) {
        self.id = id
    }

    func read(from records: any RecordStore) throws(LogUnavailable) -> Row? {
        try Row.find(id, in: records)
    }
}

/// Reads a page of a list.
struct ReadPage<List: RecordList>: StoreRead {
    let list: List
    let page: PageRequest

    /// - Returns: the page's rows and one more, if there is one, or why there is no such page.
    func read(from records: any RecordStore) throws(LogUnavailable) -> Result<[List.Row], Problem> {
        if let problem = try list.problem(in: records) { return .failure(problem) }
        var number: Int64?
        if let before = page.before {
            guard let row = try List.Row.find(before, in: records) else {
                return .failure(
                    Problem(
                        .badRequest,
                        "before names nothing in this list; give the next of the last page."))
            }
            number = row.number
        }
        return .success(try list.rows(before: number, limit: page.limit + 1, in: records))
    }
}

extension JobAPI {
    /// Returns the record with an identifier.
    ///
    /// - Throws: 404 when there is none.
    func find<Row: ListedRecord>(_ type: Row.Type, _ id: String) async throws(Problem) -> Row {
        guard let row = try await read(Find<Row>(id)) else { throw .noSuch(Row.noun, id) }
        return row
    }

    /// Answers with a record.
    func show<Row: ListedRecord>(_ type: Row.Type, _ id: String) async throws(Problem) -> Response {
        Self.response(.ok, try await find(type, id))
    }

    static func response<Row: ListedRecord>(
        _ status: Status, _ row: Row, location: String? = nil
    ) -> Response {
        var json = JSONWriter()
        row.write(to: &json)
        return .api(status, json.bytes, location: location)
    }

    /// Answers with a page of a list.
    func list<List: RecordList>(_ list: List, _ page: PageRequest) async throws(Problem) -> Response
    {
        page.response(List.name, try await read(ReadPage(list: list, page: page)).get())
    }
}

// MARK: The records

extension SessionRecord: ListedRecord {
    static let noun = "session"

    static func find(
        _ id: String, in records: any RecordStore
    ) throws(LogUnavailable) -> SessionRecord? {
        try records.sessions.find(id)
    }

    func write(to json: inout JSONWriter) { RecordJSON.write(self, to: &json) }
}

extension InfluencerRecord: ListedRecord {
    static let noun = "influencer"

    static func find(
        _ id: String, in records: any RecordStore
    ) throws(LogUnavailable) -> InfluencerRecord? {
        try records.influencers.find(id)
    }

    func write(to json: inout JSONWriter) { RecordJSON.write(self, to: &json) }
}

extension PostRecord: ListedRecord {
    static let noun = "post"

    static func find(
        _ id: String, in records: any RecordStore
    ) throws(LogUnavailable) -> PostRecord? {
        try records.posts.find(id)
    }

    func write(to json: inout JSONWriter) { RecordJSON.write(self, to: &json) }
}

extension StoredJob: ListedRecord {
    static let noun = "job"

    var id: String { record.id }
    var number: Int64 { record.number }

    static func find(
        _ id: String, in records: any RecordStore
    ) throws(LogUnavailable) -> StoredJob? {
        guard let job = try records.jobs.find(id) else { return nil }
        return try StoredJob(job, in: records)
    }
}

// MARK: The lists

struct SessionList: RecordList {
    static let name = "sessions"

    func rows(
        before: Int64?, limit: Int, in records: any RecordStore
    ) throws(LogUnavailable) -> [SessionRecord] {
        try records.sessions.list(before: before, limit: limit)
    }
}

struct InfluencerList: RecordList {
    static let name = "influencers"

    func rows(
        before: Int64?, limit: Int, in records: any RecordStore
    ) throws(LogUnavailable) -> [InfluencerRecord] {
        try records.influencers.list(before: before, limit: limit)
    }
}

/// An influencer's posts.
struct PostList: RecordList {
    static let name = "posts"

    let influencer: String

    func problem(in records: any RecordStore) throws(LogUnavailable) -> Problem? {
        try records.influencers.find(influencer) == nil ? .noSuch("influencer", influencer) : nil
    }

    func rows(
        before: Int64?, limit: Int, in records: any RecordStore
    ) throws(LogUnavailable) -> [PostRecord] {
        try records.posts.list(influencer: influencer, before: before, limit: limit)
    }
}

/// All jobs, or those of a state or a kind.
struct JobList: RecordList {
    static let name = "jobs"

    let state: JobState?
    let kind: String?

    func rows(
        before: Int64?, limit: Int, in records: any RecordStore
    ) throws(LogUnavailable) -> [StoredJob] {
        var jobs: [StoredJob] = []
        for job in try records.jobs.list(state: state, kind: kind, before: before, limit: limit) {
            jobs.append(try StoredJob(job, in: records))
        }
        return jobs
    }
}
