package import Hub
package import JSON
internal import Generators
package import Records

/// Writes the persona of a session.
///
/// The session's status goes from `generating_persona` to `persona_ready`.
package struct PersonaPipeline: Pipeline {
    package static let kind = "persona"

    package let steps = [Step("generating_persona", "Writing the persona")]

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> any Order {
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
        return OrderPersona(session: session, avatar: avatar)
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
        } keeping: {
            Kept($0.json)
        }
        return Completion(
            result: persona,
            change: FinishPersona(session: session.id, job: job.id, persona: persona))
    }

    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool {
        try records.reflect(
            turn, of: job, input: input, restarted: .generatingPersona, announcing: &events)
    }
}
