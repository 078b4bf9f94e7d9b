internal import HTTP
internal import Hub
internal import JSON

/// `GET /presence`: how many open streams receive each resource, over all workers.
struct PresenceEndpoint {
    let hub: HubAccess

    /// Asks all workers for the counts of the resources in the query.
    ///
    /// - Throws: 400 when `resources` is missing or has anything but resources.
    func answer(_ request: Request) throws(Problem) -> Answer {
        let list = try SelectorList(request.head)
        let resources = try list.resources()
        try request.caller.checkSubscribing(to: list.selectors)
        let workers = hub.workers
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
}
