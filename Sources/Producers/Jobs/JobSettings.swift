package import Generators
package import Uploads

/// The settings of jobs, of which the operator may set the `package` ones.
package struct JobSettings: Sendable {
    /// The most jobs that run at once in this process.
    package var concurrency = 256
    /// Seconds after which a worker outside loses its job if it sends no heartbeat or report.
    package var leaseSeconds = 20.0
    /// The kinds of jobs that workers outside do.
    package var externalKinds: Set<String> = []
    /// Milliseconds for which finished jobs are kept.
    package var retention: Int64 = 30 * 86_400_000
    /// Milliseconds for which the jobs of kinds are kept whose results live for a limited time.
    package var resultAge: Int64 = 3_600_000

    /// The files that clients have sent; `nil` in a hub that keeps none.
    package var uploads: UploadFolder?

    var retry = RetryPolicy()
    var pruneStep = 1000
    /// Milliseconds between two looks at what is too old.
    var pruneInterval: Int { Int(min(60_000, max(1_000, resultAge / 10))) }
    /// Milliseconds between two ticks, which publish the progress of running jobs.
    var tickInterval = 85
    /// Milliseconds between two published reports of a worker outside, for each job.
    var reportInterval = 250
    /// The most milliseconds between two scheduler passes, even when nothing is due, as the wall
    /// clock may have been set.
    var passInterval: Int64 = 30_000

    package init() {}
}

/// The generators of a hub, and how many requests each provider gets at once.
package struct JobGenerators: Sendable {
    package let text: any TextGenerator
    package let textTurns: Int
    package let images: any ImageGenerator
    package let imageTurns: Int
    /// The most tokens of a text; `nil` leaves it to the pipelines.
    package let maximumTokens: Int?

    package init(
        text: any TextGenerator, textTurns: Int, images: any ImageGenerator, imageTurns: Int,
        maximumTokens: Int? = nil
    ) {
        self.text = text
        self.textTurns = textTurns
        self.images = images
        self.imageTurns = imageTurns
        self.maximumTokens = maximumTokens
    }
}
