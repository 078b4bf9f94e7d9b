import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The tables of records` {
    private let fixture: JobFixture
    private var records: RecordTables { fixture.records }

    init() throws {
        fixture = try JobFixture()
    }

    @Test func `give a session back as it was put, and as it was changed`() throws {
        try records.sessions.insert(
            SessionRecord(id: "s", prompt: "a\nb", avatarCount: 4, job: "j", at: 1_000))
        var session = try #require(try records.sessions.find("s"))
        #expect(
            session
                == SessionRecord(
                    number: 1, id: "s", prompt: "a\nb", status: .generatingImages, avatarCount: 4,
                    avatars: [], avatar: nil, persona: nil, error: nil, job: "j",
                    createdAt: 1_000, updatedAt: 1_000))
        session.status = .personaReady
        session.avatars = ["/media/1", "/media/2"]
        session.avatar = 2
        session.persona = Array("{}".utf8)
        session.error = "No."
        session.job = "k"
        try records.sessions.save(&session, at: 2_000)
        #expect(session.updatedAt == 2_000)
        #expect(try records.sessions.find("s") == session)
        session.avatars = []
        session.avatar = nil
        session.persona = nil
        session.error = nil
        session.job = nil
        try records.sessions.save(&session, at: 3_000)
        #expect(try records.sessions.find("s") == session)
        #expect(try records.sessions.find("S") == nil)
    }

    @Test func `give a post back as it was put, and as it was changed`() throws {
        try records.posts.insert(
            PostRecord(id: "p", influencer: "i", prompt: "", job: "j", at: 1_000))
        var post = try #require(try records.posts.find("p"))
        #expect(
            post
                == PostRecord(
                    number: 1, id: "p", influencer: "i", prompt: "", status: .pending,
                    content: nil, ending: nil, imageURLs: [], error: nil, job: "j",
                    createdAt: 1_000,
                    updatedAt: 1_000))
        post.status = .ready
        post.content = "Hello\u{0}\n"
        post.imageURLs = ["/media/1", "/media/e\u{301}"]
        post.error = ""
        post.job = nil
        try records.posts.save(&post, at: 2_000)
        #expect(post.updatedAt == 2_000)
        #expect(try records.posts.find("p") == post)
    }

    @Test(arguments: [
        (#"{"content":"a","ending":"stop"}"#, "stop"), (#"{"content":"a","ending":null}"#, nil),
        // As earlier versions kept it.
        (#""a \"b\" \u0000""#, nil),
    ])
    func `give a post back with the ending that its job has noted, as long as that is kept`(
        step: String, ending: String?
    ) throws {
        let job = try records.jobs.insert(
            NewJob(kind: "post", input: Array("{}".utf8)), id: "j", at: 1)
        try records.posts.insert(PostRecord(id: "p", influencer: "i", prompt: "", job: "j", at: 1))
        try records.posts.insert(PostRecord(id: "q", influencer: "i", prompt: "", job: "k", at: 1))
        #expect(try records.posts.find("p")?.ending == nil)
        try records.jobs.keepStep(
            "generating_images", result: Array(#"{"ending":"x"}"#.utf8), of: job)
        try records.jobs.keepStep("generating_story", result: Array(step.utf8), of: job)
        #expect(try records.posts.find("p")?.ending == ending)
        #expect(try records.posts.find("q")?.ending == nil)
        let listed = try records.posts.list(influencer: "i", before: nil, limit: 5)
        #expect(listed.map(\.ending) == [nil, ending])
    }

    @Test func `give an influencer back, by its own name and by its session's`() throws {
        try insertInfluencer("i", session: "s")
        let influencer = try #require(try records.influencers.find("i"))
        #expect(
            influencer
                == InfluencerRecord(
                    number: 1, id: "i", session: "s", name: "Ann", avatarURL: "/media/1",
                    persona: Array("{}".utf8), createdAt: 1_000))
        #expect(try records.influencers.find(session: "s") == influencer)
        #expect(try records.influencers.find(session: "i") == nil)
        #expect(storeError { try insertInfluencer("other", session: "s") }?.kind == .constraint)
        #expect(storeError { try insertInfluencer("i", session: "other") }?.kind == .constraint)
    }

    @Test func `list newest first, in pages`() throws {
        for number in 1...5 {
            try records.sessions.insert(
                SessionRecord(id: "\(number)", prompt: "", avatarCount: 1, job: "", at: 1))
            try insertInfluencer("\(number)", session: "\(number)")
            let influencer = number % 2 == 0 ? "even" : "odd"
            try records.posts.insert(
                PostRecord(id: "\(number)", influencer: influencer, prompt: "", job: "", at: 1))
        }
        #expect(
            try records.sessions.list(before: nil, limit: 2).map(\.id) == ["5", "4"])
        #expect(try records.sessions.list(before: 4, limit: 9).map(\.id) == ["3", "2", "1"])
        #expect(try records.influencers.list(before: nil, limit: 2).map(\.id) == ["5", "4"])
        #expect(try records.influencers.list(before: 4, limit: 9).map(\.id) == ["3", "2", "1"])
        let posts = records.posts
        #expect(
            try posts.list(influencer: "odd", before: nil, limit: 2).map(\.id) == ["5", "3"])
        #expect(try posts.list(influencer: "odd", before: 3, limit: 9).map(\.id) == ["1"])
        #expect(
            try posts.list(influencer: "even", before: nil, limit: 9).map(\.id) == ["4", "2"])
        #expect(try posts.list(influencer: "none", before: nil, limit: 9).isEmpty)
    }

    @Test func `give pictures back byte for byte, and know how large all are together`() throws {
        #expect(try mediaBytes() == 0)
        let picture = MediaRecord(id: "m", type: "image/png", bytes: (0...255).map { UInt8($0) })
        try records.media.insert(picture)
        let empty = MediaRecord(id: "n", type: "image/svg+xml", bytes: [])
        try records.media.insert(empty)
        let found = try #require(try records.media.find("m"))
        #expect(found.bytes == picture.bytes && found.type == "image/png" && found.number == 1)
        #expect(try records.media.find("n")?.bytes == [])
        #expect(try records.media.find("n")?.type == "image/svg+xml")
        #expect(try records.media.find("M") == nil)
        #expect(try mediaBytes() == 256)
        #expect(storeError { try records.media.insert(picture) }?.kind == .constraint)
        #expect(try mediaBytes() == 256)
    }

    private func mediaBytes() throws -> Int64? {
        try fixture.database.integer(Schema.mediaBytesQuery)
    }

    private func insertInfluencer(_ id: String, session: String) throws {
        try records.influencers.insert(
            InfluencerRecord(
                id: id, session: session, name: "Ann", avatarURL: "/media/1",
                persona: Array("{}".utf8), at: 1_000))
    }
}
