/// Where a job stands.
package enum JobState: String, Sendable, CaseIterable {
    /// Ready to run.
    case queued
    /// To be run later: it was asked for so, or it waits before it is tried again.
    case scheduled
    case running
    case succeeded
    case failed
    case cancelled

    /// Whether nothing changes any more, unless someone restarts it.
    package var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
}

/// A job as it is kept; its figures are nowhere else.
///
/// Times are milliseconds since 1970 (UTC), durations milliseconds.
package struct JobRecord: Sendable, Equatable {
    /// Grows from one job to the next; lists are ordered by it.
    package let number: Int64
    package let id: String
    package let kind: String
    /// Whether a worker outside does it.
    package let isExternal: Bool
    /// No two jobs that have not failed and are not cancelled share one.
    package let key: String?
    /// 1 (first) to 4.
    package let priority: Int
    package internal(set) var state: JobState
    package internal(set) var figures: JobFigures
    /// Counted from 1; 0 before the first.
    package internal(set) var attempt: Int
    package let maximumAttempts: Int
    /// The attempt was interrupted by a stop of the hub and goes on with its number and its
    /// progress.
    var isInterrupted: Bool
    /// Why the last attempt failed, or why the job was cancelled.
    package internal(set) var error: String?
    /// Why attempts failed, the latest last, at most ten.
    package internal(set) var errors: [JobFailure]
    package internal(set) var model: String?
    /// Who runs it: only its holder may change it.
    package internal(set) var lease: String?
    package internal(set) var leaseUntil: Int64?
    package let createdAt: Int64
    /// When it may be run.
    package internal(set) var runAt: Int64
    /// When the present attempt began.
    package internal(set) var startedAt: Int64?
    package internal(set) var finishedAt: Int64?
}

/// How far a job is.
package struct JobFigures: Sendable, Equatable {
    package var step: String?
    package var message: String?
    /// 0 to 100.
    package var progress = 0.0
    /// Tokens of the text that is being generated.
    package var currentTokens = 0
    package var inputTokens = 0
    package var outputTokens = 0
    package var tokensPerSecond: Double?
    /// How long the attempt has run.
    package var elapsed: Int64 = 0
    /// How long it is expected to run on; `nil` when nothing is known.
    package var remaining: Int64?
    /// UTF-8 bytes of the text so far.
    package var contentLength = 0
    /// Bytes per second.
    package var contentRate: Double?

    package init() {}
}

/// Why an attempt failed.
package struct JobFailure: Sendable, Equatable {
    package let attempt: Int
    package let at: Int64
    package let error: String
}

/// A job to be put into the queue, checked by who asks for it.
package struct NewJob: Sendable {
    package let kind: String
    package let isExternal: Bool
    /// Compact JSON.
    package let input: [UInt8]
    package var key: String?
    package var priority: Int
    /// Milliseconds until it may run.
    package var delay: Int64
    package var maximumAttempts: Int

    package init(
        kind: String, isExternal: Bool = false, input: [UInt8], key: String? = nil,
        priority: Int = 2, delay: Int64 = 0, maximumAttempts: Int = 5
    ) {
        self.kind = kind
        self.isExternal = isExternal
        self.input = input
        self.key = key
        self.priority = priority
        self.delay = delay
        self.maximumAttempts = maximumAttempts
    }
}
