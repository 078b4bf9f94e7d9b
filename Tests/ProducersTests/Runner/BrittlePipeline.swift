import Generators
import Storage

@testable import Hub
@testable import Producers

/// Work whose changes break a rule of the store, at the place that the job's input names.
struct BrittlePipeline: Pipeline {
    enum Place: String, CaseIterable, Sendable {
        case reading, entering, keeping, completing
        /// The work fails, and so does telling what it worked for.
        case reflecting
    }

    static let kind = "brittle"
    /// What the changes have made when they break the rule, and what breaks it.
    static let picture = MediaRecord(id: "twice", type: "image/png", bytes: [1])

    let steps = [Step("only", "Working")]

    func run(_ job: JobRun) async throws(JobError) -> Completion {
        let input = job.input
        try await job.read { records throws(StoreError) in
            guard Self.place(input) == .reading else { return }
            throw StoreError(.other, message: "UNIQUE constraint failed: media.id")
        }
        _ = try await job.step("only") { records throws(StoreError) in
            try Self.change(records, at: .entering, input)
        } _: { () async throws(JobError) in
            if Self.place(input) == .reflecting { throw JobError.failed("It cannot be done.") }
        } keeping: { _, records throws(StoreError) in
            JobRun.Kept([0x30], try Self.change(records, at: .keeping, input))
        }
        return Completion(result: [0x31]) { records throws(StoreError) in
            try Self.change(records, at: .completing, input)
        }
    }

    func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: RecordStore
    ) throws(StoreError) -> [Publication]? {
        try Self.change(records, at: .reflecting, input)
    }

    private static func place(_ input: [UInt8]) -> Place? {
        Place(rawValue: RecordJSON.text(of: input))
    }

    private static func change(
        _ records: RecordStore, at place: Place, _ input: [UInt8]
    ) throws(StoreError) -> [Publication] {
        guard Self.place(input) == place else { return [] }
        for _ in 1...2 { try records.media.insert(picture, at: records.now) }
        return []
    }
}
