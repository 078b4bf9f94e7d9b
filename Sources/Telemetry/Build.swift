/// The version of this build, which the command line, the health endpoint and the metrics show.
package enum Build {
    /// The version by semantic versioning, which is defined here alone.
    package static let version = "0.1.0"
}
