/// The reason why credentials are not accepted; an answer `401`.
///
/// Neither the sentence nor anything else in it repeats the credentials.
package struct Refusal: Error, Sendable, Equatable {
    /// The `reason` of the problem that answers the request.
    package enum Reason: String, Sendable, CaseIterable {
        /// There are no credentials where some are needed.
        case missing
        case expired
        case notYet = "not_yet"
        case badSignature = "bad_signature"
        case unknownKey = "unknown_key"
        case wrongAlgorithm = "wrong_algorithm"
        case wrongIssuer = "wrong_issuer"
        case wrongAudience = "wrong_audience"
        case malformed
        case revoked
        case used
    }

    package let reason: Reason
    /// A sentence or two for whoever sent the credentials: what is wrong and what to do.
    package let detail: String

    package init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// The refusal of a request without credentials where some are needed.
    package static let missing = Refusal(
        .missing,
        "This needs credentials: send a JWT or an API key as Authorization: Bearer.")

    /// The `error` of the challenge (RFC 6750, 3.1).
    package var bearerError: String {
        reason == .missing ? "invalid_request" : "invalid_token"
    }

    /// The value of the field `WWW-Authenticate` (RFC 6750, 3).
    package var challenge: String {
        // RFC 6750 allows no quotes, backslashes and other characters than ASCII there.
        let scalars = detail.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": Unicode.Scalar(UInt8(ascii: "'"))
            case " "..."~" where scalar != "\\": scalar
            default: Unicode.Scalar(UInt8(ascii: "?"))
            }
        }
        return "Bearer error=\"\(bearerError)\", error_description=\""
            + String(String.UnicodeScalarView(scalars)) + "\""
    }
}
