internal import HTTP
internal import Hub
internal import Records

/// Creates a session and orders its avatars, of which one is chosen later.
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
