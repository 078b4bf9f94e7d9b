/// The credentials that a request carries, as they were sent.
package struct Presented: Sendable {
    /// The value of the field `Authorization`.
    package var authorization: String?
    /// The query parameter `ticket`.
    package var ticket: String?
    /// The query parameter `expires` of a signed URL.
    package var expires: String?
    /// The query parameter `signature` of a signed URL.
    package var signature: String?
    /// The query parameter `resources`, percent-decoded, otherwise exactly as it was sent.
    package var resources: String?
    /// The value of the field `Cookie`.
    package var cookie: String?

    package init(
        authorization: String? = nil, ticket: String? = nil, expires: String? = nil,
        signature: String? = nil, resources: String? = nil, cookie: String? = nil
    ) {
        self.authorization = authorization
        self.ticket = ticket
        self.expires = expires
        self.signature = signature
        self.resources = resources
        self.cookie = cookie
    }

    /// Returns the value of the first cookie of a name (RFC 6265, 4.2.1), without quotes around it.
    func cookie(named name: String) -> String? {
        guard let cookie else { return nil }
        for pair in cookie.utf8.split(separator: UInt8(ascii: ";")) {
            let pair = pair.drop { $0 == 32 || $0 == 9 }
            guard let sign = pair.firstIndex(of: UInt8(ascii: "=")),
                pair[..<sign].elementsEqual(name.utf8)
            else { continue }
            var value = pair[pair.index(after: sign)...]
            while value.last == 32 || value.last == 9 { value.removeLast() }
            if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == value.first {
                value = value.dropFirst().dropLast()
            }
            return String(Substring(value))
        }
        return nil
    }

    /// Returns the credential of `Authorization: Bearer`; the name of the scheme is written in
    /// either case.
    ///
    /// A field that was sent twice comes joined by a comma, which is in no credential of the scheme
    /// (RFC 6750, 2.1).
    static func bearer(_ authorization: String) throws(Refusal) -> String {
        let values = authorization.utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false
        ).map { $0.drop { $0 == 32 } }
        guard values.count == 1 || !values.contains(where: isBearer) else {
            throw Refusal(
                .malformed,
                "Authorization was sent twice, or has a comma, which no token has; send it once.")
        }
        guard let value = values.first, isBearer(value) else {
            throw Refusal(
                .malformed, "Authorization has another scheme; the hub takes Bearer alone.")
        }
        let rest = value.drop { $0 != 32 }.drop { $0 == 32 }
        guard !rest.isEmpty else {
            throw Refusal(.malformed, "Nothing follows Bearer in Authorization.")
        }
        return String(Substring(rest))
    }

    private static func isBearer(_ value: Substring.UTF8View) -> Bool {
        String(Substring(value.prefix { $0 != 32 })).lowercased() == "bearer"
    }
}
