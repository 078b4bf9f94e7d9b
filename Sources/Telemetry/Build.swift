/// What this build is, as the command line, the health endpoint and the metrics say it.
package enum Build {
    /// The version by semantic versioning; no other place names it.
    package static let version = "0.1.0"
}
