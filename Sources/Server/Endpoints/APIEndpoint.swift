internal import HTTP
internal import Producers

extension Worker {
    /// `/api/v1` and `/media`: answered by the producers, while the connection waits.
    func callAPI(_ call: APICall, _ request: Request, on connection: Connection) throws(Problem) {
        let api = try jobAPI
        if case .claimJob = call { connection.exchange?.endsWithPeer = true }
        respond(on: connection) { _ in
            try await api.answer(call, request.head, body: request.body)
        }
    }

    var jobAPI: JobAPI {
        get throws(Problem) {
            guard let api else {
                throw Problem(.notFound, "This hub runs no jobs.")
            }
            return api
        }
    }
}
