import HTTP
import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A caller` {
    private static let publishing: [Route.Endpoint] = [.broadcast, .broadcastLines]
    private static let subscribing: [Route.Endpoint] = [
        .stream, .postedStream, .changeStream("x"), .jobStream("1", hasText: true), .poll, .state,
        .presence,
    ]
    private static let open: [Route.Endpoint] = [
        .page, .status, .metrics, .description, .health(.live), .web, .options(allow: "GET"),
    ]

    private func isRefused(_ caller: Caller, _ endpoint: Route.Endpoint) -> Bool {
        do throws(Problem) {
            try caller.check(endpoint)
            return false
        } catch {
            return error.status == .forbidden
        }
    }

    @Test func `may do everything so far`() {
        for endpoint in Self.publishing + Self.subscribing + Self.open {
            #expect(!isRefused(.anyone, endpoint), "\(endpoint)")
        }
    }

    @Test func `that may not publish can still subscribe`() {
        let caller = Caller(mayPublish: false)
        #expect(Self.publishing.allSatisfy { isRefused(caller, $0) })
        #expect(!(Self.subscribing + Self.open).contains { isRefused(caller, $0) })
    }

    @Test func `that may not subscribe learns of no event and of no other's presence`() {
        let caller = Caller(maySubscribe: false)
        #expect(Self.subscribing.allSatisfy { isRefused(caller, $0) })
        #expect(!(Self.publishing + Self.open).contains { isRefused(caller, $0) })
    }

    @Test func `that may not call is refused by the interface of jobs alone`() throws {
        let caller = Caller(mayCall: false)
        let call = try Route(head("GET /api/v1/jobs")).endpoint
        #expect(isRefused(caller, call))
        #expect(!isRefused(.anyone, call))
        let others = Self.publishing + Self.subscribing + Self.open
        #expect(!others.contains { isRefused(caller, $0) })
    }
}

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `The caller of a connection` {
    @Test func `is asked before an endpoint does anything`() async throws {
        try await TestServer.run { hub async throws in
            let client = hub.connect()
            client.send(get("/health"))
            #expect(try client.readResponse().status == 200)
            let requests = [
                post(#"{"resource":"a:1","data":1}"#), get("/stream?resources=a:1"),
                get("/poll?resources=a:1"), get("/state?resources=a:1"), get("/api/v1/jobs"),
            ]
            await hub.server.setCaller(
                Caller(mayPublish: false, maySubscribe: false, mayCall: false))
            for request in requests {
                client.send(request)
                #expect(try client.readResponse().status == 403, "\(request)")
            }
            #expect(hub.broker.lastID.sequence == 0)
            // What is for everybody stays so.
            client.send(get("/health"))
            #expect(try client.readResponse().status == 200)
            await hub.server.setCaller(.anyone)
            client.send(requests[0])
            #expect(try client.readResponse().status == 200)
            #expect(hub.broker.lastID.sequence == 1)
        }
    }
}

extension HubServer {
    /// Gives another caller to all connections that are open.
    fileprivate func setCaller(_ caller: Caller) async {
        for worker in workers { await worker.setCaller(caller) }
    }
}

extension Worker {
    fileprivate func setCaller(_ caller: Caller) {
        for connection in connections.all { connection.requests?.caller = caller }
    }
}
