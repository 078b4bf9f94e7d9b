internal import HTTP
internal import Records

/// The numbers of jobs that wait and run, each counted up to 100,000.
package struct JobCounts: Sendable {
    package var queued = 0
    package var scheduled = 0
    package var running = 0

    package init() {}
}

extension JobAPI {
    /// Counts the jobs that wait and run; all zero while the store cannot be read.
    package func counts() async -> JobCounts {
        let counts = try? await read(CountJobs())
        return counts ?? JobCounts()
    }
}
