import HTTP
import JSON
import Storage
import Testing

@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `A path of the API` {
    private static let known: [(path: String, calls: [(Method, APICall)])] = [
        ("/api/v1/sessions", [(.get, .listSessions), (.post, .createSession)]),
        ("/api/v1/sessions/s-1", [(.get, .session("s-1"))]),
        ("/api/v1/sessions/s-1/persona", [(.post, .choosePersona(session: "s-1"))]),
        ("/api/v1/influencers", [(.get, .listInfluencers), (.post, .createInfluencer)]),
        ("/api/v1/influencers/i", [(.get, .influencer("i"))]),
        (
            "/api/v1/influencers/i/posts",
            [(.get, .listPosts(influencer: "i")), (.post, .createPost(influencer: "i"))]
        ),
        ("/api/v1/posts/p_2", [(.get, .post("p_2"))]),
        ("/api/v1/jobs", [(.get, .listJobs), (.post, .createJob)]),
        ("/api/v1/jobs/claim", [(.post, .claimJob)]),
        ("/api/v1/jobs/J0", [(.get, .job("J0"))]),
        ("/api/v1/jobs/J0/status", [(.get, .job("J0"))]),
        ("/api/v1/jobs/J0/page", [(.get, .jobPage("J0"))]),
        ("/api/v1/jobs/J0/cancel", [(.post, .cancelJob("J0"))]),
        ("/api/v1/jobs/J0/restart", [(.post, .restartJob("J0"))]),
        ("/api/v1/jobs/J0/heartbeat", [(.post, .heartbeat("J0"))]),
        ("/api/v1/jobs/J0/progress", [(.post, .reportProgress("J0"))]),
        ("/api/v1/jobs/J0/complete", [(.post, .completeJob("J0"))]),
        ("/api/v1/jobs/J0/fail", [(.post, .failJob("J0"))]),
        ("/media/m", [(.get, .media("m"))]),
        ("/api/v1/media/m", [(.get, .media("m"))]),
    ]

    @Test(arguments: 0..<19)
    func `is known with its methods`(index: Int) {
        let (path, calls) = Self.known[index]
        let table = APICall.table(of: path)
        #expect(table.map(\.method) == calls.map(\.0))
        #expect(table.map(\.call) == calls.map(\.1))
        #expect(APICall.table(of: path + "/").isEmpty)
        #expect(APICall.table(of: path + "/x/y").isEmpty)
        #expect(APICall.table(of: path.uppercased()).isEmpty)
        #expect(APICall.table(of: "/x" + path).isEmpty)
    }

    @Test func `is listed here for each call there is`() {
        #expect(Self.known.count == 20)
        // Two calls are at two paths.
        #expect(Self.known.flatMap(\.calls).count == 24)
    }

    @Test(arguments: [
        "", "/", "/api", "/api/v1", "/api/v1/", "/api/v2/jobs", "/api/v1/job", "/api/v1/posts",
        "/api/v1//jobs", "/api/v1/jobs//cancel", "/api/v1/jobs/J0/stop",
        "/api/v1/posts/p/posts", "/api/v1/jobs/a%20b", "/api/v1/jobs/%4A0", "/api/v1/jobs/a.b",
        "/api/v1/jobs/..", "/api/v1/jobs/é", "/api/v1/jobs/a:b", "/api/v1/jobs/a b", "/media",
        "/media/", "/media/a/b", "/media/../x", "/media/a%2Fb", "/medias/m",
    ])
    func `that is none is not known`(path: String) {
        #expect(APICall.table(of: path).isEmpty)
    }

    @Test func `takes names of up to 64 bytes`() {
        let longest = String(repeating: "a", count: 64)
        for prefix in ["/api/v1/jobs/", "/api/v1/sessions/", "/media/"] {
            #expect(APICall.table(of: prefix + longest).count == 1)
            #expect(APICall.table(of: prefix + longest + "a").isEmpty)
        }
    }

    @Test func `needs a body where it is sent one`() {
        let without = [APICall.cancelJob("J0"), .restartJob("J0")]
        for (method, call) in Self.known.flatMap(\.calls) {
            #expect(call.needsBody == (method == .post && !without.contains(call)), "\(call)")
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A page of a list` {
    @Test(arguments: [
        ("/", 50), ("/?limit=1", 1), ("/?limit=200", 200), ("/?before=x&limit=7", 7),
        ("/?limit=%37", 7),
    ])
    func `has as many rows as asked for, or fifty`(target: String, limit: Int) throws {
        #expect(try PageRequest(head(target)).limit == limit)
    }

    @Test(arguments: [
        "0", "-1", "201", "", "x", "1.5", "1e2", "%201", "99999999999999999999", "%00", "%D9%A1",
    ])
    func `has no other number of rows`(limit: String) {
        let problem = problem { _ = try PageRequest(head("/?limit=\(limit)")) }
        #expect(problem?.status == .badRequest)
        #expect(problem?.detail.contains("1 to 200") == true)
    }

    @Test func `begins where the last one ended`() throws {
        #expect(try PageRequest(head("/")).before == nil)
        #expect(try PageRequest(head("/?before=abc")).before == "abc")
        #expect(try PageRequest(head("/?before=")).before == "")
    }

    @Test func `takes no parameter that it does not know`() throws {
        let page = try PageRequest(head("/?state=queued"), knows: ["state", "kind"])
        #expect(page.items.first("state") == "queued")
        let unknown = problem { _ = try PageRequest(head("/?stat=x"), knows: ["state", "kind"]) }
        #expect(unknown?.status == .badRequest)
        #expect(unknown?.detail.contains("limit, before, kind, state") == true)
        #expect(problem { _ = try PageRequest(head("/?state=x")) } != nil)
        #expect(problem { _ = try PageRequest(head("/?Limit=5")) } != nil)
        #expect(problem { _ = try PageRequest(head("/?limit=%zz")) }?.status == .badRequest)
        #expect(problem { _ = try PageRequest(head("/?before=%ff")) }?.status == .badRequest)
    }

    /// Five sessions, `1` to `5`, from the oldest to the newest.
    private func records() throws -> MemoryRecords {
        let records = try MemoryRecords()
        try records.change(at: 1) { records throws(LogUnavailable) in
            for number in 1...5 {
                try records.sessions.insert(
                    SessionRecord(
                        id: "\(number)", prompt: "", avatarCount: 1, job: "", at: records.now))
            }
        }
        return records
    }

    private func rows(
        _ query: String, in records: MemoryRecords
    ) throws -> (page: PageRequest, rows: Result<[SessionRecord], Problem>) {
        let page = try PageRequest(head("/?" + query))
        let read = ReadPage(list: SessionList(), page: page)
        return (page, try records.read(at: 1, read.read))
    }

    @Test func `reads one row more, and says where the next one begins if there is one`() throws {
        let records = try records()
        for (query, ids, next) in [
            ("limit=2", ["5", "4"], "4"), ("limit=2&before=4", ["3", "2"], "2"),
            ("limit=2&before=3", ["2", "1"], nil), ("limit=5", ["5", "4", "3", "2", "1"], nil),
            ("limit=2&before=1", [], nil),
        ] {
            let (page, rows) = try rows(query, in: records)
            let body = page.response("rows", try rows.get()).body
            #expect(ids.allSatisfy { text(body).contains(#""id":"\#($0)""#) }, "\(query)")
            #expect(text(body).split(separator: #""id":"#).count - 1 == ids.count)
            #expect(text(body).hasSuffix(#""next":\#(next.map { #""\#($0)""# } ?? "null")}"#))
        }
    }

    private func text(_ body: [UInt8]) -> String { String(decoding: body, as: UTF8.self) }

    @Test func `begins nowhere after a row that is not there`() throws {
        let (_, rows) = try rows("before=gone", in: records())
        #expect(problem { _ = try rows.get() }?.status == .badRequest)
    }

    @Test(arguments: ["nobody", ""])
    func `is none of an influencer that is not there`(name: String) throws {
        let records = try records()
        let read = ReadPage(
            list: PostList(influencer: name), page: try PageRequest(head("/?before=gone")))
        let rows = try records.read(at: 1, read.read)
        #expect(problem { _ = try rows.get() }?.status == .notFound)
    }
}
