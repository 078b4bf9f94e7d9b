import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `A ticket` {
    private static func control() -> AccessControl {
        AccessControl(policy { $0.anonymous = Grants(subscribe: PatternSet(["open:*"])) })
    }

    private static func user(_ control: AccessControl, exp: Int = 1_800_000_100) throws -> Identity
    {
        let text = try token(
            #"{"alg":"HS256"}"#,
            #"{"exp":\#(exp),"sub":"u","martlet":{"subscribe":["a:*"],"publish":["a:1"],"admin":true}}"#
        )
        return try #require(control.identify(token: text).identity)
    }

    @Test func `is good once, and for a stream as long as its token`() throws {
        let control = Self.control()
        let ticket = try control.makeTicket(
            for: try Self.user(control), subscribe: ["a:1"], ttl: 30, at: now)
        #expect(ticket.expires == now + 30)
        let identity = control.identify(Presented(ticket: ticket.text), at: now + 29).identity
        #expect(identity?.kind == .ticket)
        #expect(identity?.subject == "u")
        #expect(identity?.expires == 1_800_000_100)
        #expect(identity?.grants.subscribe.patterns == ["a:1", "open:*"])
        #expect(identity?.grants.publish.isEmpty == true)
        #expect(identity?.grants.isAdmin == false)
        let again = control.identify(Presented(ticket: ticket.text), at: now + 29)
        #expect(again.refusal?.reason == .used)
    }

    @Test func `of a caller without a wish is for all that it may receive`() throws {
        let control = Self.control()
        let ticket = try control.makeTicket(
            for: try Self.user(control), subscribe: nil, ttl: 30, at: now)
        let identity = control.identify(Presented(ticket: ticket.text), at: now).identity
        #expect(identity?.grants.maySubscribe("a:9") == true)
    }

    @Test func `grants no more than its caller has`() throws {
        let control = Self.control()
        let user = try Self.user(control)
        #expect(throws: TicketStore.Fault.notAllowed(resource: "b:1")) {
            try control.makeTicket(for: user, subscribe: ["a:1", "b:1", "*"], ttl: 1, at: now)
        }
        #expect(throws: TicketStore.Fault.notAllowed(resource: "*")) {
            try control.makeTicket(for: user, subscribe: ["*"], ttl: 1, at: now)
        }
    }

    @Test func `that comes late is spent by that`() throws {
        let control = Self.control()
        let user = try Self.user(control)
        let ticket = try control.makeTicket(for: user, subscribe: nil, ttl: 10, at: now)
        let presented = Presented(ticket: ticket.text)
        #expect(control.identify(presented, at: now + 10).refusal?.reason == .expired)
        #expect(control.identify(presented, at: now).refusal?.reason == .used)
    }

    @Test(arguments: ["", "mt_", "mt_AAAA", "x", "mt_" + String(repeating: "=", count: 43)])
    func `that is none is refused`(text: String) {
        let refusal = Self.control().identify(Presented(ticket: text), at: now).refusal
        #expect(refusal?.reason == .malformed)
    }

    @Test func `ends with its token and with its key`() throws {
        let control = Self.control()
        let short = try Self.user(control, exp: now + 5)
        let ticket = try control.makeTicket(for: short, subscribe: nil, ttl: 300, at: now)
        let late = control.identify(Presented(ticket: ticket.text), at: now + 35)
        #expect(late.refusal?.reason == .expired)

        let (row, text) = APIKey.make(name: "k", grants: .all, created: now, expires: nil)
        _ = control.update { $0.apiKeys = APIKeySet([row]) }
        let key = try #require(
            control.identify(Presented(authorization: "Bearer \(text)"), at: now).identity)
        let second = try control.makeTicket(for: key, subscribe: nil, ttl: 300, at: now)
        _ = control.update { $0.apiKeys = APIKeySet() }
        let revoked = control.identify(Presented(ticket: second.text), at: now)
        #expect(revoked.refusal?.reason == .revoked)
    }

    @Test func `is not made when too many wait`() throws {
        var store = TicketStore()
        let many = Identity(kind: .ticket, subject: "many", own: .none, anonymous: .none)
        for _ in 0..<TicketStore.maximumPerPublisher {
            _ = try store.make(for: many, ttl: 300, at: now)
        }
        #expect(throws: TicketStore.Fault.tooMany) { try store.make(for: many, ttl: 1, at: now) }
        // Another's tickets are made all the same, and the first's again when its own are gone.
        let other = Identity(kind: .ticket, subject: "other", own: .none, anonymous: .none)
        #expect(throws: Never.self) { try store.make(for: other, ttl: 1, at: now) }
        #expect(throws: Never.self) { try store.make(for: many, ttl: 1, at: now + 700) }
        #expect(store.count == 1)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A session` {
    private static func open(
        _ control: AccessControl, _ credential: String, at time: Int = now
    ) throws -> SessionStore.Opened {
        let authorization = "Bearer \(credential)"
        let identity = try #require(
            control.identify(Presented(authorization: authorization), at: time).identity)
        return try control.openSession(authorization: authorization, for: identity, at: time)
    }

    private static func cookie(_ session: SessionStore.Opened) -> Presented {
        Presented(cookie: "martlet_session=\(session.id)")
    }

    @Test func `counts like its token and ends with it`() throws {
        let control = AccessControl(policy())
        let session = try Self.open(control, try token())
        #expect(session.end == 1_800_000_100)
        let identity = control.identify(Self.cookie(session), at: now).identity
        #expect(identity?.subject == "7")
        #expect(identity?.kind == .session)
        #expect(identity?.isFromCookie == true)
        #expect(identity?.end(openedAt: now) == 1_800_000_100)
        #expect(control.identify(Self.cookie(session), at: session.end).refusal != nil)
    }

    @Test func `of an API key lives 12 hours, and no longer than the key`() throws {
        let (row, text) = APIKey.make(name: "k", grants: .all, created: now, expires: nil)
        let control = AccessControl(policy { $0.apiKeys = APIKeySet([row]) })
        let session = try Self.open(control, text)
        #expect(session.end == now + 43_200)
        let identity = control.identify(Self.cookie(session), at: now).identity
        #expect(identity?.end(openedAt: now) == now + 43_200)
        #expect(identity?.keyName == "k")
        #expect(control.identify(Self.cookie(session), at: session.end - 1).identity != nil)
        #expect(control.identify(Self.cookie(session), at: session.end).refusal != nil)
        let second = try Self.open(control, text)
        _ = control.update { $0.apiKeys = APIKeySet() }
        #expect(control.identify(Self.cookie(second), at: now).refusal?.reason == .unknownKey)
    }

    @Test func `can be ended`() throws {
        let control = AccessControl(policy())
        let session = try Self.open(control, try token())
        #expect(control.identify(Self.cookie(session), at: now).identity != nil)
        let cached = try #require(control.identify(Self.cookie(session), at: now).identity)
        #expect(!control.isRevoked(cached))
        #expect(control.endSession(cookie: "a=b; martlet_session=\(session.id)") == session.id)
        #expect(control.isRevoked(cached))
        #expect(control.identify(Self.cookie(session), at: now).refusal?.reason == .expired)
    }

    @Test func `that was ended takes its tickets with it, and no others`() throws {
        let control = AccessControl(policy())
        let sessions = try (0..<2).map { _ in try Self.open(control, try token()) }
        let tickets = try sessions.map { session in
            let identity = try #require(control.identify(Self.cookie(session), at: now).identity)
            return try control.makeTicket(for: identity, subscribe: nil, ttl: 300, at: now)
        }
        _ = control.endSession(cookie: "martlet_session=\(sessions[0].id)")
        let answers = tickets.map { control.identify(Presented(ticket: $0.text), at: now) }
        #expect(answers[0].refusal?.reason == .revoked)
        #expect(answers[1].identity?.sessionID == sessions[1].id)
    }

    @Test func `gives way to newer ones when there are too many`() {
        var store = SessionStore()
        let first = store.open("x", until: nil, at: now)
        for _ in 0..<SessionStore.maximumCount { _ = store.open("x", until: nil, at: now) }
        #expect(store.count == SessionStore.maximumCount)
        #expect(store.find(first.id, at: now) == nil)
        // Large credentials count by their bytes.
        let large = String(repeating: "x", count: 16 << 10)
        for _ in 0..<2000 { _ = store.open(large, until: nil, at: now) }
        #expect(store.count <= SessionStore.maximumBytes / large.utf8.count)
    }

    @Test func `opened and ended again and again leaves nothing behind`() {
        var store = SessionStore()
        let first = store.open("x", until: nil, at: now)
        for _ in 0..<5000 { store.end(store.open("x", until: nil, at: now).id) }
        #expect(store.count == 1)
        #expect(store.waitingCount < 1100)
        #expect(store.find(first.id, at: now) != nil)
    }
}
