internal import HTTP
internal import Storage

/// How many jobs wait and run; up to 100,000 of each are counted.
package struct JobCounts: Sendable {
    package var queued = 0
    package var scheduled = 0
    package var running = 0

    package init() {}
}

extension JobAPI {
    /// What is known at the moment; nothing while the store cannot be read.
    package func counts() async -> JobCounts {
        let counts = try? await read { records throws(StoreError) in
            var counts = JobCounts()
            counts.queued = try records.jobs.count(.queued)
            counts.scheduled = try records.jobs.count(.scheduled)
            counts.running = try records.jobs.count(.running)
            return counts
        }
        return counts ?? JobCounts()
    }
}
