internal import HTTP
internal import Hub
internal import Records

/// Orders the persona of a session, and notes which avatar was chosen.
struct OrderPersona: Order {
    let session: String
    /// The number of the chosen avatar, from 1.
    let avatar: Int

    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem> {
        guard var session = try records.sessions.find(session) else {
            return .failure(
                Problem(
                    .unprocessableContent, "There is no session \(session).", pointer: "/session"))
        }
        if let refusal = try refusal(session, in: records) { return .failure(refusal) }
        session.avatar = avatar
        session.status = .generatingPersona
        session.persona = nil
        session.error = nil
        session.job = job
        try records.sessions.save(&session, at: records.now)
        events.append(.statusUpdate(session))
        return .success(RecordJSON.input(session: session.id))
    }

    private func refusal(
        _ session: SessionRecord, in records: any RecordStore
    ) throws(LogUnavailable) -> Problem? {
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
}
