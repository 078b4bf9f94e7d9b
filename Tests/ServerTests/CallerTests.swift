import HTTP
import Hub
import Producers
import Telemetry
import Testing

@testable import Access
@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A caller` {
    private static let withNeeds: [Route.Endpoint] = [
        .status, .metrics, .disconnect, .jobStream("1", hasText: true), .api(.listJobs),
        .api(.createJob), .api(.claimJob),
    ]
    private static let others: [Route.Endpoint] = [
        .page, .stream, .postedStream, .changeStream("x"), .broadcast, .broadcastLines, .poll,
        .state, .presence, .description, .health(.live), .web, .options(allow: "GET"),
        .api(.media("m")), .endSession,
    ]

    private let gate: Gate = {
        var policy = AccessPolicy()
        policy.urlSecret = [1]
        return Gate(AccessControl(policy), logger: Log(level: .error))
    }()

    private func caller(_ grants: Grants, kind: Identity.Kind = .token) -> Caller {
        Caller(
            gate: gate,
            identity: Identity(kind: kind, subject: "ann", own: grants, anonymous: .none),
            proof: nil)
    }

    private func status(_ body: () throws(Problem) -> Void) -> Int? {
        do throws(Problem) {
            try body()
            return nil
        } catch {
            return error.status.code
        }
    }

    private func allowed(_ caller: Caller) -> [Route.Endpoint] {
        Self.withNeeds.filter { endpoint in
            status { () throws(Problem) in try caller.check(endpoint) } == nil
        }
    }

    @Test func `of an open hub may do everything`() throws {
        for endpoint in Self.withNeeds + Self.others + [.tickets, .openSession] {
            try Caller.anyone.check(endpoint)
        }
        try Caller.anyone.checkSubscribing(to: [.resource(try Resource("a:1"))])
        #expect(Caller.anyone.view() == nil)
    }

    @Test func `needs a grant for what is not about resources`() {
        #expect(allowed(caller(.none)).isEmpty)
        #expect(allowed(caller(Grants(isAdmin: true))) == [.status, .metrics, .disconnect])
        #expect(
            allowed(caller(Grants(jobs: .read)))
                == [.jobStream("1", hasText: true), .api(.listJobs)])
        #expect(allowed(caller(Grants(jobs: .write))) == [.api(.createJob)])
        #expect(allowed(caller(Grants(jobs: .work))) == [.api(.claimJob)])
        #expect(allowed(caller(.all)) == Self.withNeeds)
        for endpoint in Self.others {
            #expect(status { () throws(Problem) in try caller(.none).check(endpoint) } == nil)
        }
    }

    @Test func `without credentials is asked for some, and one with too few is refused`() throws {
        let names = [Selector.resource(try Resource("a:1"))]
        for (kind, expected) in [(Identity.Kind.anonymous, 401), (.token, 403)] {
            let caller = caller(.none, kind: kind)
            #expect(status { () throws(Problem) in try caller.check(.status) } == expected)
            #expect(
                status { () throws(Problem) in try caller.checkSubscribing(to: names) } == expected)
        }
    }

    @Test func `may receive and publish what its grants cover`() throws {
        let caller = caller(
            Grants(subscribe: PatternSet(["a:*", "b:1"]), publish: PatternSet(["c:1"])))
        func selector(_ name: String) throws -> Selector { try Selector(name) }
        for (name, expected) in [
            ("a:1", nil), ("a:*", nil), ("b:1", nil), ("presence:b:1", nil), ("b:2", 403),
            ("b:*", 403), ("c:1", 403),
        ] as [(String, Int?)] {
            let selectors = [try selector(name)]
            #expect(
                status { () throws(Problem) in try caller.checkSubscribing(to: selectors) }
                    == expected, "\(name)")
        }
        for (names, expected) in [(["c:1"], nil), (["c:1", "a:1"], 403)] as [([String], Int?)] {
            let publication = Publication(
                resources: try names.map { try Resource($0) }, data: [])
            #expect(
                status { () throws(Problem) in try caller.checkPublishing(publication) }
                    == expected, "\(names)")
        }
    }
}
