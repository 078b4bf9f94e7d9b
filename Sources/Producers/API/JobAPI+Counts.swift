internal import HTTP
internal import Records

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
        let counts = try? await read(CountJobs())
        return counts ?? JobCounts()
    }
}
