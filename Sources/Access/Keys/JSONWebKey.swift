internal import JSON

/// A JWK (RFC 7517; RFC 7518, 6; RFC 8037) as it was read, before it is known whether it can be
/// used.
struct JSONWebKey {
    /// The members that are texts, by name; the first of those that are of no interest are not
    /// kept.
    private var texts: [String: String] = [:]
    private var operations: [String]?
    /// The member with a value of another kind than it has to have.
    private var wrongMember: String?

    private static let textMembers: Set<String> = [
        "kty", "kid", "use", "alg", "crv", "n", "e", "x", "y", "k",
    ]

    /// Reads a JWK Set or one JWK.
    static func all(in text: [UInt8]) throws(InputError) -> [JSONWebKey] {
        try InputReader.read(text) { input throws(InputError) in
            guard try input.kind() == .object else { throw input.fault("It is a JSON object.") }
            var set: [JSONWebKey]?
            var single = JSONWebKey()
            try input.beginObject()
            var seen: Set<String> = []
            while let name = try input.nextMember() {
                guard seen.insert(name).inserted else {
                    throw input.fault("\(name) is given twice.")
                }
                if name == "keys" {
                    set = try list(from: &input)
                } else {
                    try single.read(name, from: &input)
                }
            }
            if let set { return set }
            guard single.texts["kty"] != nil else {
                throw input.fault("It has neither keys nor kty.")
            }
            return [single]
        }
    }

    private static func list(from input: inout InputReader) throws(InputError) -> [JSONWebKey] {
        var keys: [JSONWebKey] = []
        try input.beginArray()
        while try input.nextElement() != nil {
            var key = JSONWebKey()
            guard try input.kind() == .object else {
                throw input.fault("\(input.pointer) is a JWK, which is an object.")
            }
            try input.beginObject()
            var seen: Set<String> = []
            while let name = try input.nextMember() {
                guard seen.insert(name).inserted else {
                    throw input.fault("\(name) is given twice.")
                }
                try key.read(name, from: &input)
            }
            keys.append(key)
        }
        return keys
    }

    private mutating func read(
        _ name: String, from input: inout InputReader
    ) throws(InputError) {
        if Self.textMembers.contains(name) {
            if try input.kind() == .string {
                texts[name] = try input.string()
            } else {
                wrongMember = name
                _ = try input.copy()
            }
        } else if name == "key_ops" {
            operations = try input.strings()
        } else {
            isPrivate = isPrivate || name == "d"
            _ = try input.copy()
        }
    }

    /// The name in a note: the `kid`, on one line.
    var name: String? { texts["kid"].map { Shown.text($0) } }

    /// Whether it is the private key of a pair.
    private(set) var isPrivate = false

    /// The bytes of a secret.
    var secretCount: Int? {
        texts["kty"] == "oct" ? texts["k"].flatMap { Base64URL.bytes($0.utf8)?.count } : nil
    }

    /// Returns the key.
    ///
    /// - Throws: `KeyFault` when it is not one to verify signatures with.
    func key() throws(KeyFault) -> VerificationKey {
        if let wrongMember { throw KeyFault("its \(wrongMember) is no string") }
        if let use = texts["use"], use != "sig" { throw KeyFault("its use is not sig") }
        if let operations, !operations.contains("verify") {
            throw KeyFault("its key_ops do not have verify")
        }
        let algorithm = try algorithm()
        let key: VerificationKey
        switch texts["kty"] {
        case "oct":
            key = try VerificationKey(
                id: texts["kid"], secret: try number("k"), algorithm: algorithm)
        case "RSA":
            key = try made(
                DER.rsaKey(modulus: try number("n"), exponent: try number("e")), algorithm)
        case "EC": key = try made(try curvePoint(), algorithm)
        case "OKP":
            guard texts["crv"] == "Ed25519" else { throw KeyFault("its crv is not Ed25519") }
            key = try made(DER.ed25519Key(try number("x", count: 32)), algorithm)
        default: throw KeyFault("its kty is none of oct, RSA, EC and OKP")
        }
        if let algorithm, algorithm.keyType != key.type {
            throw KeyFault("its alg \(algorithm.rawValue) is none of a \(key.type.name) key")
        }
        return key
    }

    private func algorithm() throws(KeyFault) -> TokenAlgorithm? {
        guard let name = texts["alg"] else { return nil }
        guard let algorithm = TokenAlgorithm(rawValue: name) else {
            throw KeyFault("its alg is none of \(TokenAlgorithm.names)")
        }
        return algorithm
    }

    private func made(
        _ der: [UInt8], _ algorithm: TokenAlgorithm?
    ) throws(KeyFault) -> VerificationKey {
        VerificationKey(
            id: texts["kid"], key: try PublicKey(subjectPublicKeyInfo: der), algorithm: algorithm)
    }

    private func curvePoint() throws(KeyFault) -> [UInt8] {
        switch texts["crv"] {
        case "P-256":
            DER.p256Key(x: try number("x", count: 32), y: try number("y", count: 32))
        case "P-384":
            DER.p384Key(x: try number("x", count: 48), y: try number("y", count: 48))
        default: throw KeyFault("its crv is neither P-256 nor P-384")
        }
    }

    /// Returns the bytes of a member that is base64url.
    private func number(_ name: String, count: Int? = nil) throws(KeyFault) -> [UInt8] {
        guard let text = texts[name] else { throw KeyFault("it has no \(name)") }
        guard let bytes = Base64URL.bytes(text.utf8) else {
            throw KeyFault("its \(name) is not base64url without padding")
        }
        if let count, bytes.count != count { throw KeyFault("its \(name) has not \(count) bytes") }
        return bytes
    }
}

/// Texts from outside as a message shows them.
enum Shown {
    /// Returns at most 60 characters of printable ASCII without quotes, others as `?`.
    static func text(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let short = scalars.prefix(60).map { scalar in
            (32...126).contains(scalar.value) && scalar != "\"" && scalar != "\\" ? scalar : "?"
        }
        return String(String.UnicodeScalarView(short)) + (scalars.count > 60 ? "..." : "")
    }
}
