import HTTP
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
