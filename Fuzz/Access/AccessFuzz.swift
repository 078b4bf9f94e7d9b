// Holds for every text:
// - nothing traps, whatever reads it as a token, as keys or as a file of API keys;
// - no text is accepted as a credential: the secret of the policy is in no seed;
// - a token that is read has one text, so what it was read from is what its parts are written as;
// - a file of API keys that is read is written and read again as the same.
//
// The first byte chooses what the rest is read as.

import Access

/// Runs the invariants over one input of libFuzzer's.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = input.first else { return 0 }
    let rest = Array(input.dropFirst())
    switch kind {
    case UInt8(ascii: "t"): checkToken(String(decoding: rest, as: UTF8.self))
    case UInt8(ascii: "c"): checkClaims(rest)
    case UInt8(ascii: "k"): checkKeys(rest)
    case UInt8(ascii: "a"): checkAPIKeys(rest)
    default: checkRequest(String(decoding: rest, as: UTF8.self))
    }
    return 0
}

private let control: AccessControl = {
    var policy = AccessPolicy()
    let secret = Crypto.random(32)
    guard let key = try? VerificationKey(id: nil, secret: secret) else {
        preconditionFailure("a secret is refused")
    }
    policy.tokenKeys = TokenKeys([
        TokenKeys.Source(name: "fuzz", keys: KeySet(keys: [key]))
    ])
    policy.apiKeys = APIKeySet()
    policy.urlSecret = secret
    return AccessControl(policy)
}()

private let now = 1_800_000_000

private func isAccepted(_ presented: Presented) -> Bool {
    guard case .identified(let identity) = control.identify(presented, at: now) else {
        return false
    }
    return identity.kind != .anonymous
}

private func checkToken(_ text: String) {
    precondition(!isAccepted(Presented(authorization: "Bearer " + text)), "a forged token")
    precondition(!isAccepted(Presented(cookie: "auth_access_token=" + text)), "a forged cookie")
    let explanation = TokenExplanation(of: text, policy: control.policy, at: now)
    precondition(explanation.refusal != nil, "a forged token is explained as good")
    for line in explanation.lines {
        precondition(!line.utf8.contains { $0 < 32 }, "an explanation has a control character")
    }
    guard let token = try? Token(text) else { return }
    precondition(text.utf8.count <= Token.maximumBytes, "a token is too long")
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    precondition(Base64URL.text(token.claims) == parts[1], "a token has two texts")
}

private func checkClaims(_ json: [UInt8]) {
    guard let claims = try? TokenClaims(json) else { return }
    let grants = claims.grants
    precondition(grants.isCovered(by: grants), "grants do not cover themselves")
    precondition(grants.isCovered(by: .all), "grants are more than all")
    for name in grants.subscribe.patterns {
        precondition(grants.maySubscribe(name), "grants do not cover their own \(name)")
    }
    if let subject = claims.subject, !json.contains(UInt8(ascii: "*")), subject == "*" {
        precondition(!grants.maySubscribe("*"), "a subject became a pattern")
    }
}

private func checkKeys(_ file: [UInt8]) {
    if let keys = try? KeySet(file: file) {
        precondition(!keys.keys.isEmpty, "a set without keys is accepted")
        precondition(keys.keys.count <= KeySet.maximumKeys, "a set has too many keys")
    }
    _ = try? KeySet(json: file, allowsNone: true)
    if let secret = try? Secret.read(file) {
        precondition(!secret.isEmpty, "an empty secret is accepted")
    }
}

private func checkAPIKeys(_ file: [UInt8]) {
    guard let keys = try? APIKeySet(file: file) else { return }
    guard let again = try? APIKeySet(file: keys.file) else {
        preconditionFailure("a file that was written is refused")
    }
    precondition(again == keys, "a file came back changed")
}

private func checkRequest(_ text: String) {
    let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func part(_ index: Int) -> String? { index < parts.count ? parts[index] : nil }
    let presented = [
        Presented(authorization: part(0)), Presented(cookie: part(0)),
        Presented(ticket: part(0)),
        Presented(expires: part(0), signature: part(1), resources: part(2)),
    ]
    for presented in presented {
        precondition(!isAccepted(presented), "forged credentials")
    }
}
