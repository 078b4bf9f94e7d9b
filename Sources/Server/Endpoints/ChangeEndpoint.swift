internal import HTTP
internal import Hub
internal import JSON

/// `PATCH /stream/{connection}`: has the stream's worker change what the stream asks for.
struct ChangeEndpoint {
    let hub: HubAccess

    /// Reads the change, and waits until the stream's worker has made it.
    ///
    /// - Throws: 400 or 422 for the body; 404 when there is no such stream.
    func answer(_ request: Request, to name: String) throws(Problem) -> Answer {
        let change = try StreamChange(request.body)
        guard let id = ConnectionID(name) else { throw StreamChange.unknownStream }
        let (workers, caller) = (hub.workers, request.caller)
        return .later { () async throws(Problem) in
            let names = try await workers.apply(change, to: id, by: caller)
            return .response(.json { $0.member("resources", names.map(\.description)) })
        }
    }
}
