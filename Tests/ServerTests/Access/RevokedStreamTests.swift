import HTTP
import Hub
import Telemetry
import Testing

@testable import Access
@testable import Server

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `A stream whose key was revoked while it was opened` {
    @Test func `is told so, and leaves nothing behind`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            client.send(get("/health"))
            #expect(try client.readResponse().status == 200)
            // The hub of this test has no keys, so every key counts as revoked.
            let key = APIKey(name: "shop", hash: [], grants: .all, created: 0)
            let caller = Caller(
                gate: .open(logger: Log(level: .error)),
                identity: Identity(kind: .key, key: key, own: .all, anonymous: .none), proof: nil)
            var watched = 0
            for worker in hub.server.workers { watched += await worker.openOnAll(by: caller) }
            #expect(watched == 0, "presence is still counted for the stream that has ended")
            #expect(try client.readToEnd().contains("\"reason\":\"revoked\""))
        }
    }
}

extension Worker {
    /// Makes a stream of each connection that carries requests.
    ///
    /// - Returns: how many resources are then watched for them.
    fileprivate func openOnAll(by caller: Caller) -> Int {
        let head = head("GET /stream?resources=a:1,presence:a:1")
        guard let request = try? StreamRequest(head) else { return -1 }
        attachToBroker()
        var watched = 0
        for connection in connections.all where connection.requests != nil {
            _ = limits.takePlace(connection, caller)
            streams.open(StreamPlan(request: request, caller: caller), head, on: connection)
            watched += streams.presence.resources(watchedBy: connection.token).count
        }
        return watched
    }
}
