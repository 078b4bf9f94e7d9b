internal import Access
internal import Producers

/// What an endpoint needs besides grants for the resources that a request names.
enum Need {
    case credentials
    case admin
    case jobs(JobRights)
}

extension Route.Endpoint {
    /// What a caller needs for the endpoint; `nil` for nothing, or for grants of resources alone.
    func need(_ exceptions: Gate.Exceptions) -> Need? {
        switch self {
        case .tickets, .openSession: .credentials
        case .disconnect, .status: .admin
        case .metrics: exceptions.areMetricsPublic ? nil : .admin
        case .jobStream: .jobs(.read)
        case .upload: .jobs(.write)
        case .api(.media): exceptions.isMediaPrivate ? .jobs(.read) : nil
        case .api(let call): .jobs(call.right)
        case .page, .stream, .postedStream, .changeStream, .broadcast, .broadcastLines, .forget,
            .presence, .state, .poll, .description, .health, .web, .options, .endSession:
            nil
        }
    }

    /// Whether credentials are looked at, so that bad ones are refused.
    var asksForCredentials: Bool {
        switch self {
        case .page, .description, .health, .web, .options, .endSession: false
        default: true
        }
    }

    /// Whether a ticket or the signature of the URL counts.
    var takesCredentialsInQuery: Bool {
        switch self {
        case .stream, .postedStream, .changeStream, .poll, .state: true
        default: false
        }
    }

    /// Whether a request changes something, so that a cookie alone does not show who wants it.
    var changesSomething: Bool {
        switch self {
        case .changeStream, .broadcast, .broadcastLines, .forget, .tickets, .openSession,
            .endSession, .disconnect, .upload:
            true
        case .api(let call): call.right != .read
        case .page, .stream, .postedStream, .jobStream, .presence, .state, .poll, .status,
            .metrics, .description, .health, .web, .options:
            false
        }
    }
}

extension APICall {
    /// What a caller must be allowed for the call.
    var right: JobRights {
        switch self {
        case .listSessions, .session, .listInfluencers, .influencer, .listPosts, .post, .listJobs,
            .job, .jobPage, .articleStatus, .media:
            .read
        case .createSession, .choosePersona, .createInfluencer, .createPost, .createJob,
            .cancelJob, .restartJob, .cancelArticle, .restartArticle:
            .write
        case .claimJob, .heartbeat, .reportProgress, .completeJob, .failJob: .work
        }
    }
}
