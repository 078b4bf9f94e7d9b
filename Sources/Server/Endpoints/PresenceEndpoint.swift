internal import HTTP
internal import Hub
internal import JSON

/// `GET /presence`: how many open streams receive each resource, over all workers, and whose.
struct PresenceEndpoint {
    let hub: HubAccess

    /// Asks all workers for the counts of the resources in the query.
    ///
    /// - Throws: 400 when `resources` is missing or has anything but resources.
    func answer(_ request: Request) throws(Problem) -> Answer {
        let query = try QueryItems(requested: request.head)
        let list = try SelectorList(query)
        let resources = try list.resources()
        let namesMembers = try query.flag("members") ?? false
        try request.caller.checkSubscribing(to: list.selectors)
        let workers = hub.workers
        if namesMembers { return Self.answer(of: resources, workers) }
        return .later {
            let counts = await workers.counts(of: resources)
            return .response(
                .json { json in
                    json.key("resources")
                    json.beginObject()
                    for (resource, count) in zip(resources, counts) {
                        json.member(resource.name, count)
                    }
                    json.endObject()
                })
        }
    }

    private static func answer(of resources: [Resource], _ workers: Workers) -> Answer {
        .later {
            let presences = await workers.presences(at: resources)
            return .response(
                .json { json in
                    json.key("resources")
                    json.beginObject()
                    for (resource, presence) in zip(resources, presences) {
                        json.key(resource.name)
                        json.beginObject()
                        json.member("count", presence.count)
                        json.member("members", presence.named.map(\.text))
                        json.endObject()
                    }
                    json.endObject()
                })
        }
    }
}
