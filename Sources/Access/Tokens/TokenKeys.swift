/// The keys of all configured sources, by which tokens are verified.
///
/// A key is known by its source and its `kid`, never by the `kid` alone: a source cannot replace
/// the key of another one by naming its own so.
package struct TokenKeys: Sendable {
    /// A file or a URL with keys.
    package struct Source: Sendable {
        /// The path or the URL, as it was configured.
        package let name: String
        /// Whether its keys can change without a reload, so that an unknown `kid` is worth a look.
        package let isRemote: Bool
        package fileprivate(set) var keys: KeySet

        package init(name: String, isRemote: Bool = false, keys: KeySet = KeySet()) {
            self.name = name
            self.isRemote = isRemote
            self.keys = keys
        }
    }

    package private(set) var sources: [Source]

    package init(_ sources: [Source] = []) { self.sources = sources }

    package var isEmpty: Bool { sources.isEmpty }

    /// Replaces the keys of a source; no other source's are touched.
    package mutating func replace(_ keys: KeySet, of name: String) {
        for index in sources.indices where sources[index].name == name {
            sources[index].keys = keys
        }
    }

    /// The most keys whose signatures are tried for one token.
    static let maximumTries = 32

    /// A key that verified a token, and where it comes from.
    package struct Match: Sendable {
        package let key: VerificationKey
        package let source: String
    }

    /// The reason why no key verified a token.
    package enum Failure: Error, Sendable {
        case refused(Refusal)
        /// No source has a key of this `kid`, and these may have it by now.
        case unknownKey(sources: [String])
    }

    /// Verifies the signature of a token.
    ///
    /// With a `kid` the keys of that `kid` are tried; when there are none, those without any. A
    /// token without a `kid` is tried with every key that fits.
    ///
    /// - Parameters:
    ///   - token: The token, of the right form.
    ///   - mayFetch: Whether the caller can fetch the keys of a remote source and ask again. If
    ///     not, `unknownKey` is not thrown.
    /// - Returns: the key.
    /// - Throws: the reason why no key verified it.
    package func verify(_ token: Token, mayFetch: Bool) throws(Failure) -> Match {
        guard !isEmpty else {
            throw .refused(
                Refusal(.unknownKey, "The hub has no keys for JWTs, only for other credentials."))
        }
        let (tried, isKnown) = candidates(for: token)
        let fitting = tried.filter { $0.key.allows(token.algorithm) }
        for match in fitting.prefix(Self.maximumTries)
        where match.key.verifies(token.signature, of: token.signed, by: token.algorithm) {
            return match
        }
        let remote = sources.filter { $0.isRemote && (!isKnown || $0.keys.keys.isEmpty) }
        if mayFetch, !remote.isEmpty { throw .unknownKey(sources: remote.map(\.name)) }
        throw .refused(Self.refusal(of: token, tried, fitting))
    }

    /// Returns the keys that a token may have been signed with, whatever their type.
    ///
    /// - Returns: the keys, and whether the token's `kid`, if it has one, is known.
    package func candidates(for token: Token) -> (keys: [Match], isKnown: Bool) {
        guard let id = token.keyID else { return (candidates { _ in true }, true) }
        let named = candidates { $0.id.map { $0.utf8.elementsEqual(id.utf8) } ?? false }
        return named.isEmpty ? (candidates { $0.id == nil }, false) : (named, true)
    }

    private func candidates(_ isWanted: (VerificationKey) -> Bool) -> [Match] {
        sources.flatMap { source in
            source.keys.keys.filter(isWanted).map { Match(key: $0, source: source.name) }
        }
    }

    /// Returns why none of the keys at hand verified a token.
    private static func refusal(
        of token: Token, _ tried: [Match], _ fitting: [Match]
    ) -> Refusal {
        if tried.isEmpty {
            return Refusal(
                .unknownKey,
                token.keyID == nil
                    ? "The hub has no key at the moment: its source cannot be reached."
                    : "The hub has no key of the token's kid; is the token from another issuer?")
        }
        guard fitting.isEmpty else {
            return Refusal(
                .badSignature,
                fitting.count == 1
                    ? "The token's signature was not made with the hub's key."
                    : "The token's signature was made with none of the hub's keys.")
        }
        let types = Set(tried.map(\.key.type.name)).sorted().joined(separator: ", ")
        return Refusal(
            .wrongAlgorithm,
            "The token says \(token.algorithm.rawValue), which does not fit the hub's key "
                + "(\(types)).")
    }
}
