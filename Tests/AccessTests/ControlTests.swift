import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `Access control` {
    private static let reader = Grants(subscribe: PatternSet(["post:*"]))

    private static func key(
        _ name: String, grants: Grants = reader, expires: Int? = nil
    ) -> (row: APIKey, text: String) {
        APIKey.make(name: name, grants: grants, created: now, expires: expires)
    }

    private static func presented(key: String) -> Presented {
        Presented(authorization: "Bearer \(key)")
    }

    @Test func `lets everybody do everything when no key is configured`() {
        let control = AccessControl(AccessPolicy())
        let identity = control.identify(
            Presented(authorization: "Bearer nonsense"), at: now
        ).identity
        #expect(control.isOpen)
        #expect(identity?.grants == .all)
        #expect(identity?.kind == .anonymous)
    }

    @Test func `gives a caller without credentials the anonymous grants alone`() {
        let control = AccessControl(policy { $0.anonymous = Self.reader })
        for presented in [Presented(), Presented(resources: "post:1"), Presented(cookie: "a=b")] {
            let identity = control.identify(presented, at: now).identity
            #expect(identity?.kind == .anonymous)
            #expect(identity?.grants == Self.reader)
            #expect(identity?.ownGrants == Grants.none)
            #expect(identity?.publisher == nil)
        }
    }

    @Test func `adds the anonymous grants to those of credentials`() throws {
        let control = AccessControl(policy { $0.anonymous = Self.reader })
        let text = try token(
            #"{"alg":"HS256"}"#, claims(#""sub":"u","martlet":{"publish":["a:{sub}"]}"#))
        let identity = try #require(control.identify(token: text).identity)
        #expect(identity.grants.maySubscribe("post:1"))
        #expect(identity.grants.mayPublish("a:u"))
        #expect(!identity.ownGrants.maySubscribe("post:1"))
        #expect(identity.publisher == "sub:u")
    }

    @Test func `never falls from bad credentials to others or to anonymous`() throws {
        let good = try token()
        let signature = SignedURL.signature(
            resources: "post:1", expires: "1800000100", secret: secret)
        let control = AccessControl(
            policy {
                $0.anonymous = Self.reader
                $0.urlSecret = secret
            })
        let bad = [
            Presented(authorization: "Bearer x", ticket: "y"),
            Presented(
                authorization: "Bearer x", expires: "1800000100", signature: signature,
                resources: "post:1"),
            Presented(authorization: "Bearer x", cookie: "auth_access_token=\(good)"),
            Presented(authorization: "Basic dTpw", cookie: "auth_access_token=\(good)"),
            Presented(authorization: "", cookie: "auth_access_token=\(good)"),
            Presented(authorization: "Bearer", cookie: "auth_access_token=\(good)"),
            Presented(authorization: good),
            Presented(
                ticket: "x", expires: "1800000100", signature: signature, resources: "post:1"),
            Presented(ticket: "", cookie: "auth_access_token=\(good)"),
            Presented(expires: "1800000100", cookie: "auth_access_token=\(good)"),
            Presented(signature: signature, resources: "post:1"),
            Presented(cookie: "auth_access_token=x"), Presented(cookie: "auth_access_token="),
            Presented(cookie: "martlet_session=x; auth_access_token=\(good)"),
        ]
        for presented in bad {
            #expect(control.identify(presented, at: now).refusal != nil, "\(presented)")
        }
    }

    @Test(arguments: ["Bearer ", "bearer ", "BEARER   "])
    func `takes the scheme in either case`(scheme: String) throws {
        let text = try token()
        let control = AccessControl(policy())
        let presented = Presented(authorization: scheme + text)
        #expect(control.identify(presented, at: now).identity?.subject == "7")
    }

    @Test(arguments: [
        "auth_access_token=T", "a=b; auth_access_token=T", "a=b;auth_access_token=\"T\" ;c=d",
        "xauth_access_token=x; auth_access_token=T; auth_access_token=other",
        "; ;auth_access_token=T",
    ])
    func `takes the first cookie of its name`(cookie: String) throws {
        let text = try token()
        let control = AccessControl(policy())
        let presented = Presented(cookie: cookie.replacing("T", with: text))
        let identity = control.identify(presented, at: now).identity
        #expect(identity?.subject == "7")
        #expect(identity?.isFromCookie == true)
    }

    @Test func `takes no cookie from Authorization, however often it was seen`() throws {
        let text = try token()
        let control = AccessControl(policy())
        let cookie = Presented(cookie: "auth_access_token=\(text)")
        let authorization = "Bearer \(text)"
        let user = try #require(
            control.identify(Presented(authorization: authorization), at: now).identity)
        let session = try control.openSession(
            authorization: authorization, for: user, at: now)
        let sessionCookie = Presented(cookie: "martlet_session=\(session.id)")
        for presented in [cookie, sessionCookie, cookie, sessionCookie] {
            #expect(control.identify(presented, at: now).identity != nil)
        }
        _ = control.endSession(cookie: "martlet_session=\(session.id)")
        for word in ["cookie:\(text)", "session:\(session.id)", session.id, text, "mk_" + text] {
            let refusal = control.identify(Presented(authorization: word), at: now).refusal
            #expect(refusal?.reason == .malformed, "\(word)")
            let inCookie = Presented(cookie: "auth_access_token=\(word)")
            #expect(control.identify(inCookie, at: now).identity == nil || word == text)
        }
        #expect(control.identify(sessionCookie, at: now).refusal?.reason == .expired)
    }

    @Test func `takes no API key from a cookie`() {
        let (row, text) = Self.key("shop")
        let control = AccessControl(policy { $0.apiKeys = APIKeySet([row]) })
        let presented = Presented(cookie: "auth_access_token=\(text)")
        #expect(control.identify(presented, at: now).refusal?.reason == .malformed)
    }

    // MARK: - API keys

    @Test func `knows an API key until it ends`() {
        let (row, text) = Self.key("shop", expires: now + 10)
        let control = AccessControl(policy { $0.apiKeys = APIKeySet([row]) })
        let identity = control.identify(Self.presented(key: text), at: now).identity
        #expect(identity?.subject == "key:shop")
        #expect(identity?.publisher == "key:shop")
        #expect(identity?.end(openedAt: now) == now + 10)
        #expect(control.identify(Self.presented(key: text), at: now + 9).identity != nil)
        let late = control.identify(Self.presented(key: text), at: now + 10)
        #expect(late.refusal?.reason == .expired)
        let other = control.identify(Self.presented(key: text + "A"), at: now)
        #expect(other.refusal?.reason == .unknownKey)
    }

    @Test func `does not take a token's subject for an API key`() throws {
        let (row, text) = Self.key("shop")
        let control = AccessControl(policy { $0.apiKeys = APIKeySet([row]) })
        let forged = try token(#"{"alg":"HS256"}"#, claims(#""sub":"key:shop""#))
        let key = try #require(control.identify(Self.presented(key: text), at: now).identity)
        let user = try #require(control.identify(token: forged).identity)
        #expect(key.subject == user.subject)
        #expect(!key.isSameSubject(as: user))
        #expect(key.publisher != user.publisher)
        #expect(key.isSameSubject(as: key))
    }

    @Test func `names the keys that a change takes something from`() {
        let made = ["kept", "gone", "revoked", "smaller", "shorter", "larger", "new"]
            .map { Self.key($0) }
        let rows = made.map(\.row)
        let control = AccessControl(policy { $0.apiKeys = APIKeySet(rows) })
        var changed = APIKeySet(
            rows.filter { $0.name != "gone" && $0.name != "new" }.map { row in
                APIKey(
                    name: row.name, hash: row.hash,
                    grants: row.name == "smaller"
                        ? .none : row.name == "larger" ? .all : row.grants,
                    created: row.created, expires: row.name == "shorter" ? now + 5 : nil)
            })
        let wasRevoked = changed.revoke("revoked", at: now)
        #expect(wasRevoked)
        // A key that was revoked and made anew under its name is another one.
        let wasAdded = changed.add(Self.key("new").row)
        #expect(wasAdded)
        let identities = made.map {
            control.identify(Self.presented(key: $0.text), at: now).identity
        }
        let lost = control.update { [changed] in $0.apiKeys = changed }
        #expect(lost == ["gone", "revoked", "smaller", "shorter", "new"])
        let isRevoked = identities.map { $0.map(control.isRevoked) ?? true }
        #expect(isRevoked == [false, true, true, false, false, false, true])
        // What was accepted before is not remembered over the change.
        let reasons = made.map {
            control.identify(Self.presented(key: $0.text), at: now).refusal?.reason
        }
        #expect(reasons == [nil, .unknownKey, .revoked, nil, nil, nil, .unknownKey])
    }

    // MARK: - Signed URLs

    private static func signed(
        resources: String = "post:1,user:7", expires: String = "1800000100",
        as sent: String? = nil
    ) -> Presented {
        let signature = SignedURL.signature(
            resources: resources, expires: expires, secret: secret)
        return Presented(
            expires: expires, signature: signature, resources: sent ?? resources)
    }

    private static let urls = AccessControl(policy { $0.urlSecret = secret })

    @Test func `takes a signed URL for its resources alone`() {
        let identity = Self.urls.identify(Self.signed(), at: now).identity
        #expect(identity?.grants.subscribe.patterns == ["post:1", "user:7"])
        #expect(identity?.grants.publish.isEmpty == true)
        #expect(identity?.allowsAdding == false)
        #expect(identity?.end(openedAt: now) == 1_800_000_100)
        // HMAC-SHA256 of the text, computed with `openssl dgst -sha256 -hmac`.
        let signature = SignedURL.signature(
            resources: "post:1", expires: "1800000000",
            secret: Array("0123456789abcdef0123456789abcdef".utf8))
        #expect(
            signature == "d80bb6eae9e8c57f6d6ba19933eb58bb"
                + "2cd2c1e857dcbb013e90a3379fc9243d")
        let presence = Self.urls.identify(Self.signed(resources: "presence:post:1"), at: now)
        #expect(presence.identity?.grants.maySubscribe("presence:post:1") == true)
        #expect(presence.identity?.grants.maySubscribe("post:1") == false)
    }

    @Test func `refuses a signed URL that was changed`() {
        let good = Self.signed()
        var upper = good
        upper.signature = good.signature?.uppercased()
        var longer = good
        longer.expires = "1800000200"
        var zero = good
        zero.expires = "01800000100"
        var none = good
        none.resources = nil
        var cut = good
        cut.signature = good.signature.map { String($0.dropLast()) }
        let attacks: [(Presented, Refusal.Reason)] = [
            (Self.signed(as: "post:1,user:8"), .badSignature),
            (Self.signed(as: "post%3A1,user:7"), .badSignature),
            (Self.signed(as: "post:1, user:7"), .badSignature),
            (Self.signed(resources: "a:\u{E9}", as: "a:e\u{301}"), .badSignature),
            (upper, .badSignature), (longer, .badSignature), (cut, .badSignature),
            (zero, .malformed), (none, .malformed),
            (Self.signed(expires: "1800000000"), .expired),
            (Self.signed(expires: "0"), .expired), (Self.signed(expires: "-1"), .malformed),
            (Self.signed(expires: "1e9"), .malformed), (Self.signed(expires: ""), .malformed),
            (Self.signed(expires: "9999999999999"), .malformed),
        ]
        for (presented, reason) in attacks {
            let refusal = Self.urls.identify(presented, at: now).refusal
            #expect(refusal?.reason == reason, "\(presented)")
        }
        let without = AccessControl(policy())
        #expect(without.identify(good, at: now).refusal?.reason == .unknownKey)
    }
}
