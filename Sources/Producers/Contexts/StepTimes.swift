internal import JSON
internal import Reactor

/// How long the steps of an attempt took; steps that an earlier attempt had finished have no time.
struct StepTimes {
    private var seconds: [(step: String, seconds: Double)] = []

    /// Does a step and notes how long it took, unless it was finished before.
    mutating func measure<Value>(
        _ step: String, of job: JobRun, _ work: () async throws(JobError) -> Value
    ) async throws(JobError) -> Value {
        let isKept = try await job.read(KeptStep(job: job.id, name: step)) != nil
        let begun = Instant.now()
        let value = try await work()
        if !isKept { seconds.append((step, Double(Instant.now().since(begun)) / 1000)) }
        return value
    }

    var json: [UInt8] {
        RecordJSON.object { json in
            for (step, seconds) in seconds { json.member(step, seconds) }
        }
    }
}
