internal import Access
internal import Hub

/// Which streams are ended before their credentials end, by `POST /admin/disconnect` or because the
/// credentials were taken back.
enum StreamMatch: Sendable {
    /// Streams of a token's subject, or of `key:NAME`.
    case subject(String)
    /// Streams of an API key, by its name.
    case key(String)
    /// The stream of this name.
    case connection(ConnectionID)
    /// Streams of a session, by the id in its cookie.
    case session(String)
}

/// The credentials of one worker's streams, and when these end; empty in an open hub.
struct StreamCredentials {
    struct Entry {
        var identity: Identity
        /// The second since 1970 at which the stream ends; `nil` for never.
        var end: Int?
        /// The ticket or signature that opened the stream.
        let proof: String?
        var isWarned = false

        /// The second at which something is to be done for the stream.
        var due: Int? { end.map { isWarned ? $0 : $0 - StreamCredentials.warning } }
    }

    /// How many seconds before its end a stream is told.
    static let warning = 60

    private var entries: [UInt64: Entry] = [:]
    /// The streams of each session, by its id.
    ///
    /// Whoever may log in may log out as often, so that must not cost a look at all streams.
    private var sessions: [String: Set<UInt64>] = [:]
    /// The streams for which something is to be done, by the second since 1970.
    ///
    /// What was planned for a stream that has ended, or that was renewed since, stays until its
    /// second or until such entries are the greater part.
    private var agenda: [Int: [UInt64]] = [:]
    /// The number of streams in the agenda, each as often as it stands there.
    private(set) var plannedCount = 0
    /// The last second of the agenda that was dealt with.
    private var past: Int

    init(now: Int) { past = now }

    subscript(stream: UInt64) -> Entry? { entries[stream] }

    /// Whether a stream waits for its time.
    var hasAgenda: Bool { !agenda.isEmpty }

    mutating func set(_ entry: Entry, for stream: UInt64) {
        remove(stream)
        entries[stream] = entry
        if let id = entry.identity.sessionID { sessions[id, default: []].insert(stream) }
        plan(entry, for: stream)
    }

    mutating func remove(_ stream: UInt64) {
        guard let id = entries.removeValue(forKey: stream)?.identity.sessionID else { return }
        sessions[id]?.remove(stream)
        if sessions[id]?.isEmpty == true { sessions[id] = nil }
    }

    /// Takes the streams whose time has come, each once.
    mutating func takeDue(at now: Int) -> [UInt64] {
        if now < past {
            // The clock was set back, so the agenda's order means nothing any more.
            past = now
            planAnew()
        }
        let seconds =
            now - past < agenda.count ? Array(past...now) : agenda.keys.filter { $0 <= now }
        past = now
        var due: Set<UInt64> = []
        for second in seconds {
            let streams = agenda.removeValue(forKey: second) ?? []
            plannedCount -= streams.count
            due.formUnion(streams.filter { entries[$0]?.due.map { $0 <= now } == true })
        }
        return Array(due)
    }

    /// Takes note that a stream was told of its end, and plans the end itself.
    mutating func didWarn(_ stream: UInt64) {
        guard entries[stream] != nil else { return }
        entries[stream]?.isWarned = true
        if let entry = entries[stream] { plan(entry, for: stream) }
    }

    /// The streams that `match` names; those of a connection are not looked for.
    func streams(_ match: StreamMatch) -> [UInt64] {
        if case .session(let id) = match { return Array(sessions[id] ?? []) }
        return entries.filter { _, entry in
            switch match {
            case .subject(let subject):
                // Bytes are compared: to Swift two normal forms of a text are the same string.
                entry.identity.subject?.utf8.elementsEqual(subject.utf8) ?? false
            case .key(let name): entry.identity.keyName == name
            case .connection, .session: false
            }
        }.map(\.key)
    }

    private mutating func plan(_ entry: Entry, for stream: UInt64) {
        guard let due = entry.due else { return }
        agenda[max(due, past), default: []].append(stream)
        plannedCount += 1
        if plannedCount > 2 * entries.count + Self.spareCount { planAnew() }
    }

    /// Makes the agenda of the streams that there are.
    private mutating func planAnew() {
        agenda = [:]
        plannedCount = 0
        for (stream, entry) in entries { plan(entry, for: stream) }
    }

    /// How many entries of the agenda may be stale before it is made anew.
    private static let spareCount = 1000
}
