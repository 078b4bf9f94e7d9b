import HubTestSupport
import Generators
import Records

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
    static let picture = MediaRecord(id: "twice", type: "image/png", bytes: [1], at: 1)

    let steps = [Step("only", "Working")]

    func run(_ job: JobRun) async throws(JobError) -> Completion {
        let input = job.input
        try await job.read(
            ClosureRead { _ throws(LogUnavailable) in
                guard Self.place(input) == .reading else { return }
                throw LogUnavailable(.other, message: "UNIQUE constraint failed: media.id")
            })
        _ = try await job.step("only", entering: KeepTwice(at: .entering, input)) {
            () async throws(JobError) in
            if Self.place(input) == .reflecting { throw JobError.failed("It cannot be done.") }
        } keeping: {
            ClosureChange { records throws(LogUnavailable) in
                try Self.change(records, at: .keeping, input)
                return ([0x30], [])
            }
        }
        return Completion(result: [0x31], change: KeepTwice(at: .completing, input))
    }

    func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool {
        try Self.change(records, at: .reflecting, input)
        return true
    }

    /// Keeps the picture twice, at the place of the input.
    private struct KeepTwice: StoreChange {
        let place: Place
        let input: [UInt8]

        init(at place: Place, _ input: [UInt8]) {
            self.place = place
            self.input = input
        }

        func apply(
            to records: any RecordStore, announcing events: inout [Publication]
        ) throws(LogUnavailable) {
            try BrittlePipeline.change(records, at: place, input)
        }
    }

    private static func place(_ input: [UInt8]) -> Place? {
        Place(rawValue: RecordJSON.text(of: input))
    }

    private static func change(
        _ records: any RecordStore, at place: Place, _ input: [UInt8]
    ) throws(LogUnavailable) {
        guard Self.place(input) == place else { return }
        for _ in 1...2 { try records.media.insert(picture) }
    }
}
