/// An algorithm of a token's signature (RFC 7518, 3.1; RFC 8037).
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case edDSA = "EdDSA"

    /// The type of the keys that it is used with.
    package var keyType: KeyType {
        switch self {
        case .hs256, .hs384, .hs512: .secret
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .p256
        case .es384: .p384
        case .edDSA: .ed25519
        }
    }

    /// The hash; `nil` for EdDSA, which has its own.
    var digest: Crypto.Digest? {
        switch self {
        case .hs256, .rs256, .ps256, .es256: .sha256
        case .hs384, .rs384, .ps384, .es384: .sha384
        case .hs512, .rs512, .ps512: .sha512
        case .edDSA: nil
        }
    }

    var isPSS: Bool {
        switch self {
        case .ps256, .ps384, .ps512: true
        default: false
        }
    }

    /// The bytes of each of the two numbers of an ECDSA signature; `nil` for others.
    var halfSize: Int? {
        switch self {
        case .es256: 32
        case .es384: 48
        default: nil
        }
    }

    /// The names of all, as a message lists them.
    package static let names = allCases.map(\.rawValue).joined(separator: ", ")
}
