internal import HTTP
package import Hub
package import JSON
internal import Generators
package import Storage

/// Writes who the person of a session is.
///
/// `generating_persona` → `persona_ready`.
package struct PersonaPipeline: Pipeline {
    package static let kind = "persona"

    package let steps = [Step("generating_persona", "Writing the persona")]

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> Order {
        var session: String?
        var avatar: Int?
        try input.object(of: "session and avatar") { input, field throws(InputError) in
            switch field {
            case "session": session = try input.string()
            case "avatar": avatar = try input.integer(in: 1...8)
            default: return false
            }
            return true
        }
        guard let session else { throw .missing("session", "whose persona is wanted") }
        guard let avatar else { throw .missing("avatar", "the number of the chosen one, from 1") }
        return Self.order(session: session, avatar: avatar)
    }

    static func order(session id: String, avatar: Int) -> Order {
        { job, records throws(StoreError) in
            guard var session = try records.sessions.find(id) else {
                return .failure(
                    Problem(
                        .unprocessableContent, "There is no session \(id).", pointer: "/session"))
            }
            if let refusal = try refusal(session, avatar: avatar, in: records) {
                return .failure(refusal)
            }
            session.avatar = avatar
            session.status = .generatingPersona
            session.persona = nil
            session.error = nil
            session.job = job
            try records.sessions.save(&session, at: records.now)
            return .success(
                Admission(
                    input: RecordJSON.input(session: id), publications: [.statusUpdate(session)]))
        }
    }

    private static func refusal(
        _ session: SessionRecord, avatar: Int, in records: RecordStore
    ) throws(StoreError) -> Problem? {
        switch session.status {
        case .generatingImages:
            return Problem(.conflict, "The avatars of session \(session.id) are still being made.")
        case .generatingPersona:
            return Problem(
                .conflict, "The persona of session \(session.id) is being written already.")
        case .imagesReady, .personaReady, .failed: break
        }
        guard !session.avatars.isEmpty else {
            return Problem(.conflict, "Session \(session.id) has no avatars; restart its job.")
        }
        guard session.avatars.indices.contains(avatar - 1) else {
            return Problem(
                .unprocessableContent,
                "There is no avatar \(avatar); session \(session.id) has 1 to "
                    + "\(session.avatars.count).", pointer: "/avatar")
        }
        guard try records.influencers.find(session: session.id) == nil else {
            return Problem(
                .conflict, "An influencer was made from session \(session.id); its persona stands.")
        }
        return nil
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let session = try await job.session()
        let persona = try await job.step("generating_persona") { () async throws(JobError) in
            let text = try await job.text(
                TextRequest(
                    purpose: .persona, instructions: Persona.instructions,
                    prompt: session.prompt, schema: Persona.schema, maximumTokens: 768,
                    seed: Seed.of(session.id, session.avatar ?? 0)))
            guard let persona = Persona(text) else {
                throw .failed(
                    GenerationError(
                        "The model's answer is no persona; another attempt, or another model, may "
                            + "do better.", retry: .later))
            }
            return persona
        } keeping: { persona, _ in
            JobRun.Kept(persona.json)
        }
        return Completion(result: persona) { records throws(StoreError) in
            try records.changeSession(session.id, of: job.id) { session in
                session.persona = persona
                session.status = .personaReady
                session.error = nil
            } ?? []
        }
    }

    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: RecordStore
    ) throws(StoreError) -> [Publication]? {
        try records.reflect(turn, of: job, input: input, restarted: .generatingPersona)
    }
}
