/// The state of a job.
package enum JobState: String, Sendable, CaseIterable, StoredState {
    /// Ready to run.
    case queued
    /// To be run later, because that was asked for or because it waits before it is tried again.
    case scheduled
    case running
    case succeeded
    case failed
    case cancelled

    /// Whether the job has ended; nothing changes any more unless someone restarts it.
    package var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
}

/// A job as it is stored, with its figures, which are kept nowhere else.
///
/// Times are milliseconds since 1970 (UTC), durations milliseconds.
package struct JobRecord: Sendable, Equatable {
    /// Grows from one job to the next; lists are ordered by it.
    package internal(set) var number: Int64 = 0
    package internal(set) var id: String = ""
    package internal(set) var kind: String = ""
    /// Whether a worker outside the hub does the job.
    package internal(set) var isExternal: Bool = false
    /// The job's key: no two jobs that have neither failed nor been cancelled share one.
    package internal(set) var key: String?
    /// The priority, from 1 (first) to 4 (last).
    package internal(set) var priority: Int = 0
    package internal(set) var state: JobState = .failed
    package internal(set) var figures: JobFigures = JobFigures()
    /// The number of the present attempt, counted from 1; 0 before the first.
    package internal(set) var attempt: Int = 0
    package internal(set) var maximumAttempts: Int = 0
    /// Whether a stop of the hub interrupted the attempt, which then goes on with its number and
    /// progress.
    var isInterrupted: Bool = false
    /// The reason why the last attempt failed or why the job was cancelled.
    package internal(set) var error: String?
    /// The failures of the last attempts, at most ten, the latest last.
    package internal(set) var errors: [JobFailure] = []
    package internal(set) var model: String?
    /// The token of whoever runs the job: only its holder may report on the job.
    package internal(set) var lease: String?
    package internal(set) var leaseUntil: Int64?
    package internal(set) var createdAt: Int64 = 0
    /// The time from which on the job may run.
    package internal(set) var runAt: Int64 = 0
    /// When the present attempt began.
    package internal(set) var startedAt: Int64?
    package internal(set) var finishedAt: Int64?
}

extension JobRecord {
    /// The kind of the jobs that have a session hash.
    package static let articleKind = "article"

    /// The name of an article for those who poll, which is the random part of the id; `nil` for a
    /// job of another kind.
    package var sessionHash: String? {
        kind == Self.articleKind ? String(id.suffix(12)) : nil
    }
}

extension JobRecord: StoredRow {
    package static var blank: JobRecord { JobRecord() }

    package static let columns = [
        Column<JobRecord>("number", .number, \.number),
        Column("id", .fixed, \.id),
        Column("kind", .fixed, \.kind),
        Column("is_external", .fixed, \.isExternal),
        Column("key", .fixed, \.key),
        Column("priority", .fixed, \.priority),
        Column("state", .changing, \.state),
        Column("step", .figure, \.figures.step),
        Column("message", .figure, \.figures.message),
        Column("progress", .figure, \.figures.progress),
        Column("attempt", .changing, \.attempt),
        Column("max_attempts", .fixed, \.maximumAttempts),
        Column("interrupted", .changing, \.isInterrupted),
        Column("current_tokens", .figure, \.figures.currentTokens),
        Column("input_tokens", .figure, \.figures.inputTokens),
        Column("output_tokens", .figure, \.figures.outputTokens),
        Column("tokens_per_second", .figure, \.figures.tokensPerSecond),
        Column("elapsed", .figure, \.figures.elapsed),
        Column("eta", .figure, \.figures.remaining),
        Column("content_length", .figure, \.figures.contentLength),
        Column("content_rate", .figure, \.figures.contentRate),
        Column("counts", .figure, \.figures.counts),
        Column("error", .changing, \.error),
        Column("errors", .changing, \.errors),
        Column("model", .changing, \.model),
        Column("lease", .changing, \.lease),
        Column("lease_until", .changing, \.leaseUntil),
        Column("created_at", .fixed, \.createdAt),
        Column("run_at", .changing, \.runAt),
        Column("started_at", .changing, \.startedAt),
        Column("finished_at", .changing, \.finishedAt),
    ]

    /// Makes a job that is put into the queue at `now`; the store gives it its number.
    package init(_ job: NewJob, id: String, at now: Int64) {
        self.init()
        self.id = id
        kind = job.kind
        isExternal = job.isExternal
        key = job.key
        priority = job.priority
        state = job.delay > 0 ? .scheduled : .queued
        maximumAttempts = job.maximumAttempts
        createdAt = now
        runAt = now + max(0, job.delay)
    }
}

/// The progress of a job, in figures.
package struct JobFigures: Sendable, Equatable {
    package var step: String?
    package var message: String?
    /// The progress in percent, from 0 to 100.
    package var progress = 0.0
    /// Tokens of the text that is being generated.
    package var currentTokens = 0
    package var inputTokens = 0
    package var outputTokens = 0
    package var tokensPerSecond: Double?
    /// The milliseconds that the attempt has run.
    package var elapsed: Int64 = 0
    /// The milliseconds that the job is expected to run on; `nil` when nothing is known.
    package var remaining: Int64?
    /// The number of UTF-8 bytes of the text so far.
    package var contentLength = 0
    /// The bytes of text per second.
    package var contentRate: Double?
    /// How many parts of its steps are done, in the order in which they began.
    package var counts: [StepCount] = []
}

/// How many parts of a step are done.
package struct StepCount: Sendable, Equatable {
    /// What is counted, such as `sections`: a word of letters and underscores.
    package let name: String
    package var completed: Int
    package let total: Int

    package init(name: String, completed: Int, total: Int) {
        self.name = name
        self.completed = completed
        self.total = total
    }
}

/// The failure of one attempt.
package struct JobFailure: Sendable, Equatable {
    package let attempt: Int
    package let at: Int64
    package let error: String
}

/// A job to be put into the queue, which whoever asks for it has checked.
package struct NewJob: Sendable {
    package let kind: String
    package let isExternal: Bool
    /// The job's input, as compact JSON.
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
