internal import HTTP
internal import Hub
internal import JSON

extension Worker {
    /// `GET /presence`: how many open streams receive each resource, over all workers.
    func countPresence(_ request: Request, on connection: Connection) throws(Problem) {
        let resources = try SelectorList(request.head).resources()
        respond(on: connection) { worker in
            var counts = [Int](repeating: 0, count: resources.count)
            for peer in worker.peers {
                for (index, count) in await peer.counts(of: resources).enumerated() {
                    counts[index] += count
                }
            }
            return .json { json in
                json.key("resources")
                json.beginObject()
                for (resource, count) in zip(resources, counts) {
                    json.member(resource.name, count)
                }
                json.endObject()
            }
        }
    }

    func counts(of resources: [Resource]) -> [Int] {
        resources.map(shard.count)
    }
}
