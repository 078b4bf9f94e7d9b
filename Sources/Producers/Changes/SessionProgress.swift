internal import Generators
internal import Hub
internal import Records

/// Stores a picture and adds it to the avatars of a session.
struct KeepAvatar: StoreChange {
    let picture: Picture
    let session: String

    /// - Returns: the picture's URL, as JSON.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> [UInt8] {
        let url = try records.keep(picture)
        if var session = try records.sessions.find(session) {
            session.avatars.append(url)
            session.status = .generatingImages
            try records.sessions.save(&session, at: records.now)
            events.append(.statusUpdate(session))
        }
        return RecordJSON.string(url)
    }
}

/// Marks a session as having all its avatars.
struct FinishAvatars: StoreChange {
    let session: String
    let job: String

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.changeSession(session, of: job, announcing: &events) { session in
            session.status = .imagesReady
            session.error = nil
        }
    }
}

/// Gives a session its persona and changes its status to `persona_ready`.
struct FinishPersona: StoreChange {
    let session: String
    let job: String
    /// A JSON object.
    let persona: [UInt8]

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.changeSession(session, of: job, announcing: &events) { session in
            session.persona = persona
            session.status = .personaReady
            session.error = nil
        }
    }
}
