import TestSupport
import Testing

@testable import Access

/// Good inputs, changed at random: a byte replaced, removed, doubled, or the end cut off.
@Suite(.timeLimit(.minutes(5)))
struct `Changed at random` {
    private static func mutations(
        of good: [UInt8], count: Int, seed: UInt64, alphabet: [UInt8]
    ) -> [[UInt8]] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map { _ in
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &numbers) where !bytes.isEmpty {
                let index = Int.random(in: bytes.indices, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: bytes[index] = alphabet.randomElement(using: &numbers) ?? 0
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes[index], at: index)
                default: bytes.removeLast(bytes.count - index)
                }
            }
            return bytes
        }
    }

    private static let base64 = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.".utf8)
    private static let json = Array(#"{}[]":,*\u00e9 0123456789.-eE"#.utf8) + [0, 10, 0x80, 0xFF]

    @Test(arguments: [
        (KeyPair.p256, TokenAlgorithm.es256), (.ed25519, .edDSA), (.rsa, .rs256),
    ])
    func `no token is accepted`(pair: KeyPair, algorithm: TokenAlgorithm) throws {
        let good = try token(
            #"{"alg":"\#(algorithm.rawValue)"}"#, standardClaims, .key(pair, algorithm))
        let control = AccessControl(try policy(keys: pair.publicPEM))
        #expect(control.identify(token: good).identity != nil)
        let changed = Self.mutations(
            of: Array(good.utf8), count: 3000, seed: 1, alphabet: Self.base64)
        let accepted = changed.filter { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            return text != good && control.identify(token: text).identity != nil
        }
        #expect(accepted == [])
    }

    @Test func `no signed URL is accepted`() {
        let resources = "post:1,user:7"
        let signature = SignedURL.signature(
            resources: resources, expires: "1800000100", secret: secret)
        let control = AccessControl(AccessTests.policy { $0.urlSecret = secret })
        let good = "1800000100 \(signature) \(resources)"
        let changed = Self.mutations(
            of: Array(good.utf8), count: 5000, seed: 2,
            alphabet: Array("0123456789abcdefABCDEF:,* ".utf8))
        let accepted = changed.filter { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard text != good else { return false }
            let parts = text.split(
                separator: " ", maxSplits: 2, omittingEmptySubsequences: false
            ).map(String.init)
            guard parts.count == 3 else { return false }
            let presented = Presented(
                expires: parts[0], signature: parts[1], resources: parts[2])
            return control.identify(presented, at: now).identity != nil
        }
        #expect(accepted == [])
    }

    @Test func `claims grant no more than their patterns say`() throws {
        let good = #"{"sub":"*","exp":1800000100,"martlet":{"subscribe":["user:{sub}","a:1"]}}"#
        let changed = Self.mutations(
            of: Array(good.utf8), count: 5000, seed: 3,
            alphabet: Self.json.filter { $0 != UInt8(ascii: "*") })
        let wrong = changed.filter { bytes in
            guard let claims = try? TokenClaims(bytes) else { return false }
            return claims.grants.maySubscribe("user:*") || claims.grants.maySubscribe("*")
        }
        #expect(wrong == [])
    }

    @Test func `sets of keys are read or refused, and never empty`() throws {
        let set = #"{"keys":[\#(try jwk(.p256, #""kid":"a""#)),\#(try jwk(.ed25519, ""))]}"#
        for (seed, good) in [set, KeyPair.p256.publicPEM].enumerated() {
            let changed = Self.mutations(
                of: Array(good.utf8), count: 2000, seed: UInt64(seed), alphabet: Self.json)
            let empty = changed.filter { bytes in
                (try? KeySet(file: bytes))?.keys.isEmpty ?? false
            }
            #expect(empty == [])
        }
    }

    @Test func `files of API keys are refused or come back as they were read`() throws {
        let rows = ["a", "b"].map {
            APIKey.make(name: $0, grants: .all, created: now, expires: now).row
        }
        let changed = Self.mutations(
            of: APIKeySet(rows).file, count: 3000, seed: 4, alphabet: Self.json)
        let wrong = changed.filter { bytes in
            guard let keys = try? APIKeySet(file: bytes) else { return false }
            return (try? APIKeySet(file: keys.file)) != keys
        }
        #expect(wrong == [])
    }
}
