internal import HTTP
internal import Hub
internal import Records

/// Creates an influencer from a session whose persona is ready.
struct CreateInfluencer: StoreChange {
    let session: String

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<InfluencerRecord, Problem> {
        guard let session = try records.sessions.find(session) else {
            return .failure(
                Problem(
                    .unprocessableContent, "There is no session \(session).", pointer: "/session"))
        }
        if let made = try records.influencers.find(session: session.id) {
            return .failure(
                Problem(
                    .conflict,
                    "The influencer \(made.id) was made from session \(session.id) already."))
        }
        guard session.status == .personaReady, let persona = session.persona,
            let name = Persona(json: persona)?.name, let avatar = session.avatar,
            session.avatars.indices.contains(avatar - 1)
        else {
            return .failure(
                Problem(
                    .conflict,
                    "Session \(session.id) is \(session.status.rawValue); an influencer is made "
                        + "once it is persona_ready."))
        }
        let influencer = try records.influencers.insert(
            InfluencerRecord(
                id: records.makeID(), session: session.id, name: name,
                avatarURL: session.avatars[avatar - 1], persona: persona, at: records.now))
        events.append(.influencerUpdate(influencer))
        return .success(influencer)
    }
}
