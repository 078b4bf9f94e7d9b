internal import HTTP
internal import Hub
internal import JSON
internal import Records
internal import Telemetry

/// `GET /state`: the retained events of resources, with an `ETag`.
struct StateEndpoint {
    let hub: HubAccess

    /// Reads the retained events of the resources in the query.
    ///
    /// - Throws: 400 when the list of resources is wrong.
    func answer(_ request: Request) throws(Problem) -> Answer {
        let selectors = try SelectorList(request.head).selectors
        try request.caller.checkSubscribing(to: selectors)
        let known = KnownTags(request.head)
        return .later { [hub] () async throws(Problem) in
            let found = try await hub.read { () async throws(LogUnavailable) in
                try await hub.broker.states(of: selectors)
            }
            let jobs = try await hub.endedJobs(among: selectors)
            let listing = StateListing(found, ends: found.ends + jobs)
            return .response(known.include(listing.tag) ? listing.notModified : listing.response)
        }
    }
}

/// The answer of `GET /state`.
private struct StateListing {
    private let cursor: EventID
    private let byResource: [(resource: String, states: [ResourceState])]
    private let ended: [String]
    let tag: String

    init(_ found: Broker.StateSnapshot, ends: [EndedResource]) {
        cursor = found.cursor
        ended = ends.names(upTo: cursor.sequence)
        // Grouped by bytes, because Swift takes two normal forms of a text for the same string.
        byResource = Dictionary(grouping: found.states) { Array($0.resource.utf8) }.map {
            resource, states in
            (String(decoding: resource, as: UTF8.self), states.sorted { $0.name < $1.name })
        }.sorted { $0.resource.utf8.lexicographicallyPrecedes($1.resource.utf8) }
        tag = Self.tag(of: byResource, ended)
    }

    /// Returns a tag that changes only when the listed state does.
    private static func tag(
        of listing: [(resource: String, states: [ResourceState])], _ ended: [String]
    ) -> String {
        var hash = FNV1a()
        for (resource, states) in listing {
            for state in states { hash.add("\(resource) \(state.name) \(state.id)\n") }
        }
        for resource in ended { hash.add("\(resource)\n") }
        return "\"" + String(hash.value, radix: 36) + "\""
    }

    private var validators: [(String, String)] { [("ETag", tag), ("Cache-Control", "no-cache")] }

    var notModified: Response { Response(.notModified, fields: validators) }

    var response: Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("cursor", cursor.description)
        json.key("resources")
        json.beginObject()
        for (resource, states) in byResource {
            json.key(resource)
            json.beginObject()
            for state in states {
                json.key(state.name)
                json.beginObject()
                json.member("id", state.id.description)
                json.member("at", state.at.description)
                json.member("data", json: state.data)
                json.endObject()
            }
            json.endObject()
        }
        json.endObject()
        json.member("ended", ended)
        json.endObject()
        return Response(
            .ok, fields: validators, body: json.bytes, contentType: "application/json")
    }
}
