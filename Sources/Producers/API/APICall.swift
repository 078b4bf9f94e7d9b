package import HTTP

/// A call of the API: what a request to `/api/v1` or `/media` asks for.
package enum APICall: Sendable, Equatable {
    case createSession
    case listSessions
    case session(String)
    case choosePersona(session: String)
    case createInfluencer
    case listInfluencers
    case influencer(String)
    case createPost(influencer: String)
    case listPosts(influencer: String)
    case post(String)
    case createJob
    case listJobs
    case job(String)
    /// The result of a job as a document.
    case jobPage(String)
    case cancelJob(String)
    case restartJob(String)
    /// How far an article is, by its session hash.
    case articleStatus(String)
    case cancelArticle(String)
    case restartArticle(String)
    case claimJob
    case heartbeat(String)
    case reportProgress(String)
    case completeJob(String)
    case failJob(String)
    case media(String)

    package static let prefix = "/api/v1/"
    private static let articlePrefix = "/api/ai-content-progress/"

    /// Returns the calls that a path allows, with their methods; empty when nothing is there.
    package static func table(of path: String) -> [(method: Method, call: APICall)] {
        if path.hasPrefix("/media/") {
            let id = String(path.dropFirst("/media/".count))
            return isName(id) ? [(.get, .media(id))] : []
        }
        if path.hasPrefix(articlePrefix) { return article(path.dropFirst(articlePrefix.count)) }
        guard path.hasPrefix(prefix) else { return [] }
        let parts = path.dropFirst(prefix.count)
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy(isName) else { return [] }
        switch parts.count {
        case 1: return collection(parts[0])
        case 2: return member(parts[0], parts[1])
        case 3: return part(parts[0], parts[1], parts[2])
        default: return []
        }
    }

    private static func article(_ path: Substring) -> [(method: Method, call: APICall)] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, isName(parts[0]) else { return [] }
        return switch parts[1] {
        case "status": [(.get, .articleStatus(parts[0]))]
        case "cancel": [(.post, .cancelArticle(parts[0]))]
        case "restart": [(.post, .restartArticle(parts[0]))]
        default: []
        }
    }

    private static func collection(_ name: String) -> [(method: Method, call: APICall)] {
        switch name {
        case "sessions": [(.get, .listSessions), (.post, .createSession)]
        case "influencers": [(.get, .listInfluencers), (.post, .createInfluencer)]
        case "jobs": [(.get, .listJobs), (.post, .createJob)]
        default: []
        }
    }

    private static func member(_ name: String, _ id: String) -> [(method: Method, call: APICall)] {
        switch (name, id) {
        case ("jobs", "claim"): [(.post, .claimJob)]
        case ("jobs", _): [(.get, .job(id))]
        case ("sessions", _): [(.get, .session(id))]
        case ("influencers", _): [(.get, .influencer(id))]
        case ("posts", _): [(.get, .post(id))]
        case ("media", _): [(.get, .media(id))]
        default: []
        }
    }

    private static func part(
        _ name: String, _ id: String, _ part: String
    ) -> [(method: Method, call: APICall)] {
        switch (name, part) {
        case ("sessions", "persona"): [(.post, .choosePersona(session: id))]
        case ("influencers", "posts"):
            [(.get, .listPosts(influencer: id)), (.post, .createPost(influencer: id))]
        case ("jobs", "status"): [(.get, .job(id))]
        case ("jobs", "page"): [(.get, .jobPage(id))]
        case ("jobs", "cancel"): [(.post, .cancelJob(id))]
        case ("jobs", "restart"): [(.post, .restartJob(id))]
        case ("jobs", "heartbeat"): [(.post, .heartbeat(id))]
        case ("jobs", "progress"): [(.post, .reportProgress(id))]
        case ("jobs", "complete"): [(.post, .completeJob(id))]
        case ("jobs", "fail"): [(.post, .failJob(id))]
        default: []
        }
    }

    /// Whether a part of a path may be an identifier, which needs no percent escapes.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    /// Whether the call gives a list.
    ///
    /// A list's `PageRequest` reads and checks the query. All other calls take no query.
    package var isList: Bool {
        switch self {
        case .listSessions, .listInfluencers, .listPosts, .listJobs: true
        default: false
        }
    }

    /// Whether a request must have a JSON body.
    package var needsBody: Bool {
        switch self {
        case .createSession, .choosePersona, .createInfluencer, .createPost, .createJob, .claimJob,
            .heartbeat, .reportProgress, .completeJob, .failJob:
            true
        default: false
        }
    }
}
