internal import JSON

/// What a token says about its bearer (RFC 7519, 4.1), and the claim `martlet`.
package struct TokenClaims: Sendable {
    package private(set) var subject: String?
    package private(set) var issuer: String?
    package private(set) var audiences: [String]?
    /// Seconds since 1970; a fraction is kept.
    package private(set) var expires: Double?
    package private(set) var notBefore: Double?
    package private(set) var issuedAt: Double?
    /// The grants of the claim `martlet`; none when the claim is missing.
    package private(set) var grants = Grants.none

    /// Reads the claims.
    ///
    /// - Throws: a `malformed` refusal for claims of another shape.
    package init(_ json: [UInt8]) throws(Refusal) {
        var claims = TokenClaims()
        var martlet: [UInt8]?
        do throws(InputError) {
            try InputReader.read(json) { input throws(InputError) in
                try claims.read(&input, martlet: &martlet)
            }
            if let martlet {
                // Read last, because `{sub}` needs the subject, wherever that stands.
                claims.grants = try Self.grants(martlet, subject: claims.subject)
            }
        } catch {
            throw Refusal(malformed: "claims", error)
        }
        self = claims
    }

    private init() {}

    private static func grants(
        _ json: [UInt8], subject: String?
    ) throws(InputError) -> Grants {
        do throws(InputError) {
            return try InputReader.read(json) { input throws(InputError) in
                try Grants(reading: &input, subject: subject)
            }
        } catch {
            throw error.pointing(into: "/martlet")
        }
    }

    private mutating func read(
        _ input: inout InputReader, martlet: inout [UInt8]?
    ) throws(InputError) {
        guard try input.kind() == .object else { throw input.fault("they are an object.") }
        try input.beginObject()
        var seen: Set<String> = []
        while let name = try input.nextMember() {
            guard seen.insert(name).inserted else {
                throw input.fault("a member is given twice.")
            }
            switch name {
            case "sub": subject = try input.string()
            case "iss": issuer = try input.string()
            case "aud": audiences = try Self.audiences(&input)
            case "exp": expires = try Self.date(&input)
            case "nbf": notBefore = try Self.date(&input)
            case "iat": issuedAt = try Self.date(&input)
            case "martlet": martlet = try input.copy()
            default: _ = try input.copy()
            }
        }
    }

    private static func audiences(_ input: inout InputReader) throws(InputError) -> [String] {
        try input.kind() == .array ? try input.strings() : [try input.string()]
    }

    /// Reads a NumericDate: a number with or without a fraction and an exponent.
    private static func date(_ input: inout InputReader) throws(InputError) -> Double {
        let largest = Double.greatestFiniteMagnitude
        return try input.number(in: -largest...largest)
    }
}
