internal import HTTP
internal import Hub
internal import Records

/// Orders the pictures from which a new session's face is chosen.
struct OrderAvatars: Order {
    let prompt: String
    let count: Int

    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem> {
        let session = try records.sessions.insert(
            SessionRecord(
                id: records.makeID(), prompt: prompt, avatarCount: count, job: job,
                at: records.now))
        events.append(.statusUpdate(session))
        return .success(RecordJSON.input(session: session.id))
    }
}
