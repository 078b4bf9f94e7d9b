internal import HTTP
internal import Hub
internal import Producers
internal import Records

extension HubAccess {
    /// Returns which resources of the selectors have ended, jobs included.
    ///
    /// - Throws: 503 when the store cannot be read.
    func ends(of selectors: [Selector]) async throws(Problem) -> [EndedResource] {
        let published = try await read { () async throws(LogUnavailable) in
            try await self.broker.ends(of: selectors)
        }
        return published + (try await endedJobs(among: selectors))
    }

    /// Returns those of the selectors that are resources of jobs which have ended; a pattern is
    /// none.
    ///
    /// - Throws: 503 when the store cannot be read.
    func endedJobs(among selectors: [Selector]) async throws(Problem) -> [EndedResource] {
        guard let api else { return [] }
        let jobs = selectors.compactMap { selector -> Resource? in
            guard case .resource(let resource) = selector, resource.jobID != nil else { return nil }
            return resource
        }
        if jobs.isEmpty { return [] }
        return try await read { () async throws(LogUnavailable) in
            try await api.endedJobs(among: jobs)
        }
    }
}

extension [EndedResource] {
    /// Returns the names of those whose last event is not behind a sequence, sorted and each once.
    func names(upTo sequence: UInt64) -> [String] {
        let names = filter { $0.sequence <= sequence }.map { Swift.Array($0.resource.utf8) }
        return Set(names).sorted { $0.lexicographicallyPrecedes($1) }.map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
