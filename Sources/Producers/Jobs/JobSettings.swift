package import Generators

/// What the operator may set about jobs.
package struct JobSettings: Sendable {
    /// How many jobs run at once inside.
    package var concurrency = 256
    /// Seconds for which a worker outside holds a job without a sign of life.
    package var leaseSeconds = 20.0
    /// Kinds that are done by workers outside.
    package var externalKinds: Set<String> = []
    /// Milliseconds for which ended jobs are kept.
    package var retention: Int64 = 30 * 86_400_000

    var retry = RetryPolicy()
    var pruneStep = 1000
    /// Milliseconds between two looks at the running jobs.
    var tickInterval = 85
    /// Milliseconds between two reports of a worker outside that are told.
    var reportInterval = 250
    /// Milliseconds between two looks at the queue when nothing is due: the wall clock may have
    /// been set.
    var passInterval: Int64 = 30_000

    package init() {}
}

/// The generators of a hub, and how many requests each gets at once.
package struct JobGenerators: Sendable {
    package let text: any TextGenerator
    package let textTurns: Int
    package let images: any ImageGenerator
    package let imageTurns: Int
    /// Tokens of a text at most; `nil` leaves it to the pipelines.
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
