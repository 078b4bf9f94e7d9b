package import HTTP
package import JSON
package import Records
package import Hub

/// A kind of work that the hub itself does: its steps in order, and what it makes of them.
///
/// A pipeline is a value without state: one serves all jobs of its kind, at the same time. To add
/// one, write a type like `PostPipeline` and name it in `Pipelines.all`.
package protocol Pipeline: Sendable {
    /// What `POST /api/v1/jobs` and the job's row call it.
    static var kind: String { get }

    /// The steps in the order in which they are done, and the part of the whole that each is.
    var steps: [Step] { get }

    /// How long an attempt may take in seconds, waiting for a provider's turn or for the store not
    /// counted.
    var timeout: Double { get }

    /// Which generator's model a job of this kind names as its `model`.
    var modelSource: ModelSource { get }

    /// What a client gives this pipeline to work on, read from the body of a request.
    ///
    /// - Throws: `InputError` that names the field which breaks a rule.
    func order(from input: inout InputReader) throws(InputError) -> any Order

    /// Does the work. Runs again from the start after a failure that may pass and after a crash;
    /// steps that were finished then give what they gave, without being done again.
    func run(_ job: JobRun) async throws(JobError) -> Completion

    /// Carries over to its record what became of a job otherwise than by `run`; in the job's
    /// transaction.
    ///
    /// - Returns: `false` when the record is gone or another job works for it now.
    func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool
}

extension Pipeline {
    package var timeout: Double { 600 }
    package var modelSource: ModelSource { .text }

    /// Takes any JSON value as it is.
    package func order(from input: inout InputReader) throws(InputError) -> any Order {
        PlainOrder(input: try input.copy())
    }

    /// Work without a record of its own: the job's row says it all.
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

/// A part of a pipeline.
package struct Step: Sendable, Equatable {
    /// What the job's row shows under `step`.
    package let name: String
    /// What it shows under `message`, for people.
    package let message: String
    /// Its part of the whole, in any unit.
    package let weight: Double

    package init(_ name: String, _ message: String, weight: Double = 1) {
        self.name = name
        self.message = message
        self.weight = weight
    }
}

/// What a client asks for, checked as far as its own words go.
package protocol Order: Sendable {
    /// Makes the record that the job is to work for, in the transaction that stores the job.
    ///
    /// Adds to `events` those that announce the record.
    /// - Returns: what the job is given, as compact JSON, or why that cannot be; then it must not
    ///   have changed anything.
    /// - Throws: `LogUnavailable`; then nothing is stored.
    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem>
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

/// What a finished pipeline leaves behind.
package struct Completion: Sendable {
    /// Compact JSON, the `result` of the job's row.
    package let result: [UInt8]
    /// What it changes besides, in the transaction in which the job succeeds.
    package let change: (any StoreChange<Void>)?

    package init(result: [UInt8], change: (any StoreChange<Void>)? = nil) {
        self.result = result
        self.change = change
    }
}

/// What becomes of a job otherwise than by its own work.
package enum JobTurn: Sendable, Equatable {
    /// It will not be tried again.
    case failed
    case cancelled
    /// Someone has it done again.
    case restarted
}
