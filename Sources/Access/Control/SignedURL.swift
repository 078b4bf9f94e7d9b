/// A URL that a backend signs, so that a browser may open one stream (the contract's
/// `GET /stream?resources=R&expires=UNIX&signature=HEX`).
package enum SignedURL {
    /// Makes a signature.
    ///
    /// - Parameters:
    ///   - resources: The value of the query parameter `resources`, not percent-encoded.
    ///   - expires: Seconds since 1970, in decimal digits.
    ///   - secret: The secret that the hub and the backend share.
    /// - Returns: HMAC-SHA256 in lower-case hexadecimal.
    package static func signature(
        resources: String, expires: String, secret: [UInt8]
    ) -> String {
        let text = "subscribe\n\(resources)\n\(expires)"
        return Crypto.hexadecimal(Crypto.hmac(.sha256, secret: secret, data: Array(text.utf8)))
    }

    /// Checks a signature.
    ///
    /// - Returns: the grants and the second since 1970 at which they end.
    static func check(
        resources: String?, expires: String?, signature: String?, secret: [UInt8]?, at now: Int
    ) throws(Refusal) -> (grants: Grants, expires: Int) {
        guard let resources, let expires, let signature else {
            throw Refusal(
                .malformed, "A signed URL has resources, expires and signature; one is missing.")
        }
        guard let secret else {
            throw Refusal(
                .unknownKey, "The hub has no secret for signed URLs (--url-secret-file).")
        }
        guard (1...12).contains(expires.utf8.count),
            expires.utf8.allSatisfy({ (48...57).contains($0) }), let end = Int(expires),
            String(end) == expires
        else {
            throw Refusal(.malformed, "expires is a number of seconds since 1970.")
        }
        let right = self.signature(resources: resources, expires: expires, secret: secret)
        guard Crypto.isEqual(Array(right.utf8), Array(signature.utf8)) else {
            throw Refusal(
                .badSignature,
                "The signature does not fit resources and expires; sign the value of resources "
                    + "as it is before percent-encoding, and write it in lower-case hexadecimal.")
        }
        guard now < end else {
            throw Refusal(
                .expired,
                "The signed URL expired \(TokenRules.span(Double(now - end))) ago; "
                    + "get a new one.")
        }
        let names = resources.utf8.split(separator: UInt8(ascii: ","))
            .map { String(Substring($0)) }
        return (Grants(subscribe: PatternSet(names)), end)
    }
}
