/// Where the keys and secrets come from by which a hub knows its callers, and the rules of tokens.
///
/// Files and patterns are kept as they were typed, because only those who read them can check them.
package struct CredentialSettings: Sendable, Equatable {
    package var jwtSecretFile: String?
    package var jwtKeysFile: String?
    package var jwtKeySetURLs: [String] = []
    package var jwtIssuer: String?
    package var jwtAudience: String?
    package var allowsNoExpiry = false
    package var apiKeysFile: String?
    package var urlSecretFile: String?
    /// The name of the cookie with a JWT; `nil` for the usual one.
    package var cookieName: String?
    package var anonymousSubscribe: [String] = []
    /// Whether pictures need the right to read jobs.
    package var hasPrivateMedia = false
    /// Whether the metrics can be read without credentials.
    package var hasPublicMetrics = false

    package init() {}
}
