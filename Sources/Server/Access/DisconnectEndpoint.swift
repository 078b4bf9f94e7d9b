internal import HTTP
internal import Hub
internal import JSON

/// `POST /admin/disconnect`: ends streams with `revoked`.
struct DisconnectEndpoint {
    let hub: HubAccess

    /// Ends the streams of a subject, of an API key or of one connection, on all workers.
    ///
    /// - Throws: 400 or 422 for the body.
    func answer(_ request: Request) throws(Problem) -> Answer {
        let match = try Self.match(request.body)
        let workers = hub.workers
        return .later {
            var closed = 0
            if let match { closed = await workers.disconnect(match) }
            return .response(.json { $0.member("closed", closed) })
        }
    }

    private static func match(_ body: [UInt8]) throws(Problem) -> StreamMatch? {
        try JSONBody.read(body) { input throws(InputError) in
            var matches: [StreamMatch?] = []
            try input.object(of: "subject, connection and key") { input, field throws(InputError) in
                switch field {
                case "subject": matches.append(.subject(try input.string()))
                case "key": matches.append(.key(try input.string()))
                case "connection":
                    matches.append(ConnectionID(try input.string()).map(StreamMatch.connection))
                default: return false
                }
                return true
            }
            guard matches.count == 1 else {
                throw input.fault("Name exactly one of subject, connection and key.")
            }
            return matches[0]
        }
    }
}
