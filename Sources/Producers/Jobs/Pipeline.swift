package import HTTP
package import JSON
package import Records
package import Hub

/// A kind of job that the hub itself runs: its steps, and the work that they do.
///
/// A pipeline is a value without state: one serves all jobs of its kind, at the same time. To add
/// one, write a type like `PostPipeline` and name it in `Pipelines.plain`.
package protocol Pipeline: Sendable {
    /// The kind's name in `POST /api/v1/jobs` and in the job's row.
    static var kind: String { get }

    /// The steps in their order, each with its share of the whole.
    var steps: [Step] { get }

    /// The most seconds for an attempt, not counting the time spent waiting for a provider or the
    /// store.
    var timeout: Double { get }

    /// The generator whose model a job of this kind shows as its `model`.
    var modelSource: ModelSource { get }

    /// Reads what a client orders from this pipeline, from the body of a request.
    ///
    /// - Throws: `InputError` that names the field which breaks a rule.
    func order(from input: inout InputReader) throws(InputError) -> any Order

    /// Does the work of one attempt.
    ///
    /// After a temporary failure or a crash it runs again from the start. A step that was finished
    /// then returns its stored result, without being done again.
    func run(_ job: JobRun) async throws(JobError) -> Completion

    /// Updates the record that a job works for when the job changes other than by `run`, in the
    /// job's transaction.
    ///
    /// - Returns: `false` when the record is gone or another job works for it by now.
    func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool

    /// Returns the URLs of the pictures that go with a job whose result lives for a limited time
    /// (`JobSettings.resultAge`); `nil` when such jobs are kept as long as others.
    func pictures(
        of job: JobRecord, in records: any RecordStore
    ) throws(LogUnavailable) -> [String]?

    /// Makes a document in HTML of a job's result, which is served in a sandbox at
    /// `/api/v1/jobs/{id}/page`.
    ///
    /// - Parameters:
    ///   - result: what the job's `Completion` had, as compact JSON.
    ///   - input: the job's input, as compact JSON.
    /// - Returns: the document; `nil` when such jobs have no page.
    func page(of result: [UInt8], input: [UInt8]) -> [UInt8]?
}

extension Pipeline {
    package var timeout: Double { 600 }
    package var modelSource: ModelSource { .text }

    /// Accepts any JSON value as the job's input.
    package func order(from input: inout InputReader) throws(InputError) -> any Order {
        PlainOrder(input: try input.copy())
    }

    /// Is kept as long as others.
    package func pictures(
        of job: JobRecord, in records: any RecordStore
    ) throws(LogUnavailable) -> [String]? { nil }

    /// Has no page.
    package func page(of result: [UInt8], input: [UInt8]) -> [UInt8]? { nil }

    /// Changes nothing, as the job works for no record but its own row.
    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool { true }
}

/// Which of the two generators does most of a pipeline's work.
package enum ModelSource: Sendable {
    case text
    case image
}

/// One step of a pipeline.
package struct Step: Sendable, Equatable {
    /// The value of `step` in the job's row.
    package let name: String
    /// The value of `message` in the job's row, for people.
    package let message: String
    /// The step's share of the whole, in a unit common to the pipeline's steps.
    package let weight: Double

    package init(_ name: String, _ message: String, weight: Double = 1) {
        self.name = name
        self.message = message
        self.weight = weight
    }
}

/// A client's order, checked as far as that is possible without the store.
package protocol Order: Sendable {
    /// The key of the job when its client gives none, so that the same order is one job.
    var key: String? { get }

    /// Creates or changes the record that the job is to work for, in the transaction that stores
    /// the job.
    ///
    /// It adds the events that announce the record to `events`.
    ///
    /// - Returns: the job's input as compact JSON, or why the order is refused. A refused order
    ///   must not have changed anything.
    /// - Throws: `LogUnavailable`, and then nothing is stored.
    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem>
}

extension Order {
    package var key: String? { nil }
}

/// An order that needs no record of its own.
package struct PlainOrder: Order {
    /// Compact JSON.
    package let input: [UInt8]

    package init(input: [UInt8]) {
        self.input = input
    }

    package func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem> {
        .success(input)
    }
}

/// The result of a finished pipeline.
package struct Completion: Sendable {
    /// The `result` of the job's row, as compact JSON.
    package let result: [UInt8]
    /// A further change, made in the transaction in which the job succeeds.
    package let change: (any StoreChange<Void>)?

    package init(result: [UInt8], change: (any StoreChange<Void>)? = nil) {
        self.result = result
        self.change = change
    }
}

/// A change in a job that its own work did not bring about.
package enum JobTurn: Sendable, Equatable {
    /// The job has failed and will not be tried again.
    case failed
    case cancelled
    /// The job was queued again after it had ended.
    case restarted
}
