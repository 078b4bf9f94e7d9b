internal import Generators
internal import Hub
internal import JSON
internal import Records

extension JobRun {
    /// Reads the session that the job works for.
    func session() async throws(JobError) -> SessionRecord {
        let id = RecordJSON.member("session", of: input) ?? ""
        let session = try await read(Find<SessionRecord>(id))
        guard let session else { throw .failed("The session \(id) does not exist any more.") }
        return session
    }

    /// Reads the post that the job works for, and the influencer who posts it.
    func post() async throws(JobError) -> (PostRecord, InfluencerRecord) {
        let id = RecordJSON.member("post", of: input) ?? ""
        let found = try await read(FindPostAndAuthor(post: id))
        guard let found else { throw .failed("The post \(id) does not exist any more.") }
        return found
    }
}

extension RecordStore {
    /// Changes a session as long as `job` works for it, and announces what has changed.
    ///
    /// - Returns: `false` when the session is gone or another job works for it now.
    @discardableResult
    func changeSession(
        _ id: String, of job: String, announcing events: inout [Publication],
        _ change: (inout SessionRecord) -> Void
    ) throws(LogUnavailable) -> Bool {
        guard let before = try sessions.find(id), before.job == job else { return false }
        var session = before
        change(&session)
        guard session != before else { return true }
        try sessions.save(&session, at: now)
        events.append(.statusUpdate(session))
        return true
    }

    /// Changes a post as long as `job` works for it, and announces what has changed.
    ///
    /// - Returns: `false` when the post is gone or another job works for it now.
    @discardableResult
    func changePost(
        _ id: String, of job: String, announcing events: inout [Publication],
        _ change: (inout PostRecord) -> Void
    ) throws(LogUnavailable) -> Bool {
        guard let before = try posts.find(id), before.job == job else { return false }
        var post = before
        change(&post)
        guard post != before else { return true }
        try posts.save(&post, at: now)
        events.append(.postUpdate(post))
        return true
    }

    /// Updates a session after a change in its job.
    ///
    /// - Returns: `false` when the session is gone or another job works for it now.
    func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], restarted: SessionRecord.Status,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool {
        guard let id = RecordJSON.member("session", of: input) else { return false }
        return try changeSession(id, of: job.id, announcing: &events) { session in
            switch turn {
            case .failed, .cancelled:
                session.status = .failed
                session.error = job.error
            case .restarted:
                session.status = restarted
                session.error = nil
            }
        }
    }

    /// Stores a picture.
    ///
    /// - Returns: its URL, a path below `/media/`.
    func keep(_ picture: Picture) throws(LogUnavailable) -> String {
        let id = makeID()
        try media.insert(
            MediaRecord(id: id, type: picture.mediaType, bytes: picture.bytes, at: now))
        return "/media/\(id)"
    }
}

/// Random seeds that depend on the record alone, so that a repeated attempt gives the same result.
enum Seed {
    /// Returns a hash of the name and the number.
    static func of(_ name: String, _ number: Int) -> UInt64 {
        var hash = FNV1a()
        hash.add(name)
        hash.add(step: UInt64(bitPattern: Int64(number)))
        // 31 bits, so that it is positive as a signed number of 32 bits, which most providers take.
        return hash.value >> 33
    }
}

extension InputReader {
    private static let maximumPrompt = 4000

    /// Reads an object that has a prompt and nothing else.
    ///
    /// - Parameter wanted: what the prompt is to say, for whoever leaves it out.
    /// - Returns: the prompt.
    /// - Throws: an error that names the field which breaks a rule.
    mutating func promptAlone(_ wanted: String) throws(InputError) -> String {
        var prompt: String?
        try object(of: "prompt") { input, field throws(InputError) in
            guard field == "prompt" else { return false }
            prompt = try input.prompt()
            return true
        }
        guard let prompt else { throw .missing("prompt", wanted) }
        return prompt
    }

    /// Reads a prompt, which may neither be blank nor have more than 4,000 characters.
    mutating func prompt() throws(InputError) -> String {
        let text = try string()
        let scalars = text.unicodeScalars
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw fault("\(pointer) is empty; say in a few words what you want.")
        }
        guard scalars.count <= Self.maximumPrompt else {
            throw fault(
                "\(pointer) has \(scalars.count) characters; at most \(Self.maximumPrompt) are "
                    + "taken.")
        }
        return text
    }
}
