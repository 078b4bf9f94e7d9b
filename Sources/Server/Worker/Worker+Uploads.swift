internal import HTTP
internal import Hub
internal import Reactor

extension Worker {
    /// Has what has come of a file written, and reads on afterwards, or answers.
    func take(_ upload: UploadIngest, on connection: Connection) {
        guard let state = connection.requests, !upload.isBusy else { return }
        state.http.pauseContent()
        let token = connection.token
        state.answering = Task {
            let response: Response?
            var isRefused = false
            do throws(Problem) { response = try await upload.proceed(in: self) } catch {
                isRefused = true
                response = error.response()
            }
            preconditionIsolated("an upload has left the worker's thread")
            guard let connection = connections[token], let state = connection.requests,
                state.upload === upload
            else { return }
            if let response {
                requests.respond(response, on: connection, close: isRefused)
            } else {
                state.http.resumeContent(at: requests.clock.now.milliseconds)
            }
            goOn(connection)
        }
    }
}
