internal import HTTP
internal import Hub
internal import Records

/// `GET /stream` and `POST /stream` with `until=end`.
struct UntilEndEndpoint {
    let hub: HubAccess

    /// Finds out which resources have ended, and opens the stream, unless the client has seen all
    /// of the ends.
    ///
    /// Such a client is answered 204, which also keeps an EventSource from reconnecting.
    func answer(_ plan: StreamPlan, _ request: Request) -> Answer {
        if let unavailability = request.unavailability { return .closing(unavailability) }
        return .later { [hub] () async throws(Problem) in
            let selectors = plan.request.selectors
            // What is read is of this moment or later.
            let sequence = hub.broker.lastID.sequence
            let ended: [EndedResource]
            do throws(Problem) { ended = try await hub.ends(of: selectors) } catch {
                return .closing(.unavailable)
            }
            if hasSeen(ended, plan.request) { return .response(Response(.noContent)) }
            var plan = plan
            var ends = StreamEnds(of: selectors)
            ends.confirm(Set(ended.map { Resource(checked: $0.resource) }), asOf: sequence)
            plan.ends = ends
            return .stream(plan)
        }
    }

    /// Returns whether all resources have ended, none behind the client's cursor.
    private func hasSeen(_ ended: [EndedResource], _ request: StreamRequest) -> Bool {
        let resources = StreamEnds(of: request.selectors).resources
        guard !resources.isEmpty, let text = request.cursor,
            case .success(let cursor) = hub.broker.resumption(from: text),
            resources.isSubset(of: ended.map { Resource(checked: $0.resource) })
        else { return false }
        return ended.allSatisfy { $0.sequence <= cursor }
    }
}
