import HTTP
import JSON
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `Records as JSON` {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `show a session, with null for what is not known yet`() {
        var session = SessionRecord(
            number: 1, id: "s", prompt: "\"a\"\n", status: .generatingImages, avatarCount: 4,
            avatars: [], avatar: nil, persona: nil, error: nil, job: nil, createdAt: 0,
            updatedAt: 1_700_000_000_123)
        #expect(
            text { RecordJSON.write(session, to: &$0) } == #"""
                {"id":"s","status":"generating_images","prompt":"\"a\"\n","avatars":[],\#
                "avatar_count":4,"avatar":null,"persona":null,"error":null,"job":null,\#
                "created_at":"1970-01-01T00:00:00.000Z","updated_at":"2023-11-14T22:13:20.123Z"}
                """#)
        session.status = .personaReady
        session.avatars = ["/media/1", "/media/2"]
        session.avatar = 2
        session.persona = Array(#"{"name":"Ann"}"#.utf8)
        session.error = "No."
        session.job = "j"
        let full = text { RecordJSON.write(session, to: &$0) }
        #expect(full.contains(#""avatars":["/media/1","/media/2"]"#))
        #expect(full.contains(#""avatar":2,"persona":{"name":"Ann"},"error":"No.","job":"j""#))
        let publication = Publication.statusUpdate(session)
        #expect(publication.name.description == "status_update")
        #expect(publication.resources.map(\.name) == ["session:s"])
        #expect(publication.isRetained && !publication.isTransient)
        #expect(String(decoding: publication.data, as: UTF8.self) == full)
    }

    @Test func `show a post, to those who watch it or who posts it`() {
        let post = PostRecord(
            number: 1, id: "p", influencer: "i", prompt: "x", status: .generatingStory,
            content: nil, ending: "stop", imageURLs: ["/media/1"], error: nil, job: "j",
            createdAt: 0,
            updatedAt: 1)
        let all = text { RecordJSON.write(post, to: &$0) }
        #expect(
            all == #"""
                {"id":"p","influencer":"i","status":"generating_story","prompt":"x",\#
                "content":null,"ending":"stop","image_urls":["/media/1"],"error":null,"job":"j",\#
                "created_at":"1970-01-01T00:00:00.000Z","updated_at":"1970-01-01T00:00:00.001Z"}
                """#)
        let publication = Publication.postUpdate(post)
        #expect(publication.name.description == "post_update" && publication.isRetained)
        #expect(publication.resources.map(\.name) == ["post:p", "influencer:i"])
        #expect(String(decoding: publication.data, as: UTF8.self) == all)
    }

    @Test func `show an influencer`() {
        let influencer = InfluencerRecord(
            number: 1, id: "i", session: "s", name: "Ann", avatarURL: "/media/1",
            persona: Array("{}".utf8), createdAt: 0)
        #expect(
            text { RecordJSON.write(influencer, to: &$0) } == #"""
                {"id":"i","name":"Ann","avatar_url":"/media/1","persona":{},"session":"s",\#
                "created_at":"1970-01-01T00:00:00.000Z"}
                """#)
    }

    @Test(arguments: ["", "a", "\"\\/\n\u{0}\u{2028}", "é👩\u{200D}👩", "\u{FFFD}"])
    func `carry texts over and back`(text: String) {
        #expect(RecordJSON.text(of: RecordJSON.string(text)) == text)
        let input = RecordJSON.input(session: text)
        #expect(RecordJSON.member("session", of: input) == text)
        #expect(RecordJSON.member("post", of: input) == nil)
        #expect(RecordJSON.member("post", of: RecordJSON.input(post: text)) == text)
        let result = RecordJSON.result("urls", [text, text], story: Story(text))
        #expect(RecordJSON.member("content", of: result) == text)
        let shown = String(decoding: RecordJSON.string(text), as: UTF8.self)
        #expect(
            String(decoding: result, as: UTF8.self)
                == #"{"content":\#(shown),"ending":"stop","urls":[\#(shown),\#(shown)]}"#)
        #expect(Story(json: Story(text).json) == Story(text))
        let old = Story(json: RecordJSON.string(text))
        #expect(old.text == text && old.ending == nil)
    }

    @Test func `find nothing in what is not theirs`() {
        for json in ["", "[]", "null", #"{"a":1}"#, #"{"post":1}"#, #"{"post":null}"#, "{"] {
            #expect(RecordJSON.member("post", of: Array(json.utf8)) == nil)
        }
        for json in ["", "1", "null", "{}", "\"a"] {
            #expect(RecordJSON.text(of: Array(json.utf8)) == "")
        }
        #expect(
            RecordJSON.member("post", of: Array(#"{"x":{"post":"no"},"post":"yes"}"#.utf8))
                == "yes")
    }

    // MARK: Jobs

    @Test func `show a job's figures in full, with totals and seconds`() {
        let job = sampleJob()
        let publication = Publication.jobUpdate(job)
        #expect(publication.name.description == "job_update" && publication.isRetained)
        #expect(publication.resources.map(\.name) == ["job:j"])
        #expect(publication.coalesceKey == "job_update 2 running" && publication.mark == nil)
        #expect(
            String(decoding: publication.data, as: UTF8.self) == #"""
                {"id":"j","kind":"post","state":"running","step":"writing","message":null,\#
                "progress":12.34,"attempt":2,"max_attempts":5,"current_tokens":3,\#
                "input_tokens":40,"output_tokens":2,"total_tokens":42,"tokens_per_second":7.1,\#
                "elapsed_seconds":1.5,"eta_seconds":0.25,"partial_content_length":9,\#
                "content_rate":null,"error":"Once.","created_at":"1970-01-01T00:00:00.000Z",\#
                "scheduled_at":"1970-01-01T00:00:00.001Z","started_at":"1970-01-01T00:00:00.002Z",\#
                "finished_at":null}
                """#)
    }

    @Test func `show a job with what it was given and gave`() {
        let contents = JobContents(
            input: Array(#"{"a":1}"#.utf8), result: nil, content: "no")
        let all = text { JobJSON.write(sampleJob(), contents, to: &$0) }
        #expect(
            all.hasSuffix(
                #"""
                "external":true,"priority":3,"key":"k","model":"m","errors":[{"attempt":1,\#
                "at":"1970-01-01T00:00:00.005Z","error":"Once."}],"input":{"a":1},"result":null}
                """#))
        let done = JobContents(input: Array("[]".utf8), result: Array("5".utf8), content: "")
        #expect(
            text { JobJSON.write(sampleJob(), done, to: &$0) }.hasSuffix(
                #""input":[],"result":5}"#))
    }

    @Test func `tell a piece of text with its place`() {
        let publication = Publication.contentDelta(offset: 5, text: "é\n", of: "j", attempt: 2)
        #expect(publication.name.description == "content_delta" && publication.isTransient)
        #expect(publication.resources.map(\.name) == ["job:j"])
        #expect(String(decoding: publication.data, as: UTF8.self) == #"{"offset":5,"text":"é\n"}"#)
        #expect(publication.mark == .piece(attempt: 2, offset: 5) && publication.coalesceKey == nil)
    }

    private func sampleJob() -> JobRecord {
        var figures = JobFigures()
        figures.step = "writing"
        figures.progress = 12.34
        figures.currentTokens = 3
        figures.inputTokens = 40
        figures.outputTokens = 2
        figures.tokensPerSecond = 7.06
        figures.elapsed = 1_500
        figures.remaining = 250
        figures.contentLength = 9
        return JobRecord(
            number: 1, id: "j", kind: "post", isExternal: true, key: "k", priority: 3,
            state: .running, figures: figures, attempt: 2, maximumAttempts: 5,
            isInterrupted: false, error: "Once.",
            errors: [JobFailure(attempt: 1, at: 5, error: "Once.")], model: "m", lease: "l",
            leaseUntil: 9, createdAt: 0, runAt: 1, startedAt: 2, finishedAt: nil)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `Figures from a worker` {
    private func change(_ body: String) throws -> FiguresChange {
        var change = FiguresChange()
        try JSONBody.read(Array(body.utf8)) { input throws(InputError) in
            try input.object(of: FiguresChange.fields) { input, field throws(InputError) in
                try change.read(field, from: &input)
            }
        }
        return change
    }

    private func job() throws -> JobRecord {
        var job = JobRecord(NewJob(kind: "x", isExternal: true, input: []), id: "j", at: 0)
        guard job.claim(lease: "l", until: nil, model: nil, at: 1_000) else {
            preconditionFailure("a new job can be claimed")
        }
        job.figures.step = "before"
        job.figures.progress = 5
        job.figures.outputTokens = 6
        return job
    }

    @Test func `change what they name, and leave the rest`() throws {
        let job = try job()
        var expected = job.figures
        expected.elapsed = 500
        #expect(try change("{}").applied(to: job, at: 1_500) == expected)
        #expect(try change("{}").applied(to: job, at: 500).elapsed == 0)
        expected.progress = 0
        expected.message = "é"
        let body = #"{"progress":0,"message":"é"}"#
        #expect(try change(body).applied(to: job, at: 1_500) == expected)
    }

    @Test func `may be all there are`() throws {
        var expected = JobFigures()
        expected.step = "s"
        expected.message = ""
        expected.progress = 99.5
        expected.currentTokens = 1
        expected.inputTokens = 2
        expected.outputTokens = 1_000_000_000_000
        expected.tokensPerSecond = 3.5
        expected.remaining = 4_250
        expected.contentLength = 5
        expected.contentRate = 6
        let body = """
            {"step":"s","message":"","progress":99.5,"current_tokens":1,"input_tokens":2,
            "output_tokens":1000000000000,"tokens_per_second":3.5,"eta_seconds":4.25,
            "partial_content_length":5,"content_rate":6}
            """
        #expect(try change(body).applied(to: job(), at: 0) == expected)
        for field in FiguresChange.fields.replacing(" and", with: ",").split(separator: ", ") {
            #expect(body.contains("\"\(field)\""))
        }
    }

    @Test(arguments: [
        #"{"progress":-0.1}"#, #"{"progress":100.1}"#, #"{"progress":"5"}"#, #"{"progress":null}"#,
        #"{"progress":1e300}"#, #"{"step":5}"#, #"{"current_tokens":-1}"#,
        #"{"current_tokens":1.5}"#, #"{"input_tokens":1000000000001}"#,
        #"{"output_tokens":99999999999999999999}"#, #"{"tokens_per_second":-1}"#,
        #"{"eta_seconds":1e10}"#, #"{"content_rate":1e13}"#, #"{"partial_content_length":true}"#,
        #"{"elapsed_seconds":5}"#, #"{"progress":1,"progress":2}"#, #"{"error":"x"}"#,
    ])
    func `that break a rule are refused, by name`(body: String) throws {
        let problem = try #require(problem { _ = try change(body) })
        #expect(problem.status == .unprocessableContent)
        let field = try #require(body.split(separator: "\"").dropFirst().first)
        #expect(problem.pointer == "/\(field)")
    }

    @Test(arguments: [
        ("é", 200, 200), ("é", 201, 200), ("x", 100_000, 200),
        // Two scalars each, and four: none is cut in its midst.
        ("e\u{301}", 101, 100), ("👩\u{200D}👩", 67, 66),
    ])
    func `have texts that are cut to 200 scalars, between two characters`(
        character: String, count: Int, kept: Int
    ) throws {
        let long = String(repeating: character, count: count)
        let expected = String(repeating: character, count: kept)
        let figures = try change(#"{"step":"\#(long)","message":"\#(long)","progress":7}"#)
            .applied(to: job(), at: 0)
        #expect(figures.step == expected && figures.message == expected && figures.progress == 7)
    }

    @Test func `are cut within a character that is longer than all that is allowed`() throws {
        let long = "e" + String(repeating: "\u{301}", count: 500)
        let figures = try change(#"{"message":"\#(long)"}"#).applied(to: job(), at: 0)
        #expect(figures.message?.unicodeScalars.count == 200)
    }
}
