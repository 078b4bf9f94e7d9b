internal import HTTP
internal import Hub
internal import Producers
internal import Records

/// `DELETE /resources/{resource}`: forgets that a resource has ended, and its retained events.
struct ForgetEndpoint {
    let hub: HubAccess

    /// Forgets a resource, which the path names percent-encoded; the answer comes when that is as
    /// durable as an event would be.
    ///
    /// - Throws: 400 when it is no resource, 422 for one of the hub's own, 401 or 403 when the
    ///   caller may not publish to it.
    func answer(_ request: Request, resource name: String) throws(Problem) -> Answer {
        let resource = try Self.resource(name)
        try request.caller.checkPublishing(to: resource)
        let broker = hub.broker
        return .later { () async throws(Problem) in
            do throws(LogUnavailable) { try await broker.forget(resource) } catch {
                throw Problem(error)
            }
            return .response(Response(.noContent))
        }
    }

    private static func resource(_ name: String) throws(Problem) -> Resource {
        guard let text = PercentEncoding.decode(name) else {
            throw Problem(
                .badRequest, "The path is not percent-encoded UTF-8; write '%' as %25.")
        }
        let selector: Selector
        // What a store of an earlier version has can be forgotten, too.
        do { selector = try Selector(text, isStored: true) } catch {
            throw Problem(.badRequest, "The path: \(error)")
        }
        guard case .resource(let resource) = selector else {
            throw Problem(.badRequest, "\(text) is a pattern; one resource is forgotten at a time.")
        }
        guard !resource.isPresence else {
            throw Problem(
                .unprocessableContent, "\(text) is the hub's own, and has nothing to forget.")
        }
        return resource
    }
}
