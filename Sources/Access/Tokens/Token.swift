// A signed token (RFC 7515, 7.1; RFC 7519): three parts in base64url between full stops.
//
// Reading it checks its form only. Nothing that it says may be used before a signature over it was
// verified, apart from `alg` and `kid`, by which the key is chosen among those that the hub has.

internal import JSON

/// A token that has the right form and whose signature is not verified.
package struct Token: Sendable {
    /// The longest token in bytes.
    package static let maximumBytes = 16 << 10

    /// The algorithm that the header names, which must be one that the key allows.
    package let algorithm: TokenAlgorithm
    /// The `kid` of the header.
    package let keyID: String?
    /// The bytes of the claims, which are not checked to be JSON.
    package let claims: [UInt8]
    let signature: [UInt8]
    /// The bytes that are signed.
    let signed: [UInt8]

    /// Reads the compact form of a token.
    ///
    /// - Throws: a `malformed` or `wrong_algorithm` refusal.
    package init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw Refusal(.malformed, "A token has at most \(Self.maximumBytes) bytes.")
        }
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw Refusal(
                .malformed,
                parts.count == 5
                    ? "This is an encrypted token (JWE); the hub takes signed ones (JWS)."
                    : "A token has three parts between full stops; this has \(parts.count).")
        }
        guard let header = Base64URL.bytes(parts[0]), let claims = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2])
        else {
            throw Refusal(
                .malformed, "A part of the token is not base64url without padding (RFC 7515, 2).")
        }
        let head = try Header(header)
        guard let algorithm = TokenAlgorithm(rawValue: head.algorithm) else {
            throw Refusal(
                .wrongAlgorithm,
                "The token's alg is none of \(TokenAlgorithm.names), which are written so.")
        }
        self.algorithm = algorithm
        keyID = head.keyID
        self.claims = claims
        self.signature = signature
        signed = Array(bytes[..<parts[1].endIndex])
    }
}

/// The members of a token's header that the hub looks at.
private struct Header {
    var algorithm = ""
    var keyID: String?

    /// Members with which a sender would choose the key, or rules that the hub does not know.
    private static let refused: Set<String> = ["jwk", "jku", "x5u", "crit"]

    init(_ json: [UInt8]) throws(Refusal) {
        var header = Header()
        do throws(InputError) {
            try InputReader.read(json) { input throws(InputError) in try header.read(&input) }
        } catch {
            throw Refusal(malformed: "header", error)
        }
        self = header
    }

    private init() {}

    private mutating func read(_ input: inout InputReader) throws(InputError) {
        guard try input.kind() == .object else { throw input.fault("it is an object.") }
        try input.beginObject()
        var seen: Set<String> = []
        while let name = try input.nextMember() {
            guard seen.insert(name).inserted else {
                throw input.fault("a member is given twice.")
            }
            switch name {
            case "alg": algorithm = try input.string()
            case "kid": keyID = try input.string()
            case "b64":
                guard try input.boolean() else { throw input.fault("b64 may not be false.") }
            default:
                guard !Self.refused.contains(name) else {
                    throw input.fault("\(name) is not allowed; keys come from the hub's settings.")
                }
                _ = try input.copy()
            }
        }
        guard seen.contains("alg") else { throw input.fault("alg is missing.") }
    }
}

extension Refusal {
    /// Refuses a token for its `header` or `claims`.
    init(malformed part: String, _ error: InputError) {
        self.init(
            .malformed,
            error.kind == .malformed
                ? "There is no valid JSON in the token's \(part)."
                : "The token's \(part): \(error)")
    }
}
