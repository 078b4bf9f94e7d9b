package import Telemetry

/// Everything that `martlet serve` can be told, with the defaults it has when told nothing.
///
/// The help text shows what a fresh value holds. Other modules have values of their own for their
/// tests (`Settings`, `OutboxLimits`, `JobSettings`); the command replaces each that a flag sets by
/// what stands here.
package struct ServeConfiguration: Sendable, Equatable {
    /// An address or a host name; an IPv6 address without brackets.
    package var host = "127.0.0.1"
    /// 0 lets the kernel choose.
    package var port = 8080
    /// `nil` means one per core.
    package var workers: Int?
    package var headTimeout = Duration.seconds(10)
    package var bodyTimeout = Duration.seconds(30)
    package var idleTimeout = Duration.seconds(75)
    package var shutdownTimeout = Duration.seconds(5)

    /// Events that may wait in memory for one connection.
    package var queueSize = 100
    /// Bytes that may wait in memory for one connection.
    package var queueBytes = 1 << 20
    /// Bytes of data that a producer's event may have.
    package var eventBytes = 256 << 10
    package var keepalive = Duration.seconds(30)
    package var broadcastTimeout = Duration.seconds(1)

    package var data = Location.directory("./data")
    package var durability = Durability.full
    package var retentionAge = Duration.seconds(7 * 24 * 60 * 60)
    package var retentionEvents = 10_000_000
    package var retentionBytes = 4 << 30
    /// Events of the log's end that are kept in memory, too.
    package var memoryEvents = 100_000
    /// Bytes of the log's end that are kept in memory, too.
    package var memoryBytes = 64 << 20

    /// The folder of a web app.
    package var web: String?

    package var textProvider = TextProvider.builtin
    package var imageProvider = ImageProvider.builtin
    package var textServer = ProviderServer()
    package var imageServer = ProviderServer()
    /// Tokens per second of the built-in text; 0 is as fast as it can be.
    package var builtinRate = 60
    /// For which the built-in painter pretends to paint.
    package var builtinPicture = Duration.milliseconds(1200)
    /// Without one byte from a provider.
    package var stallTimeout = Duration.seconds(60)
    /// Before the first byte of a text.
    package var startTimeout = Duration.seconds(300)
    /// Tokens of a text at most, thinking included; `nil` leaves it to the kind of text.
    package var textMaximumTokens: Int?
    /// For requests to all providers; `nil` is what the environment says.
    package var providerProxy: String?

    /// Jobs that run at once inside.
    package var jobs = 256
    /// For which a worker outside holds a job without a sign of life.
    package var leaseSeconds = Duration.seconds(20)
    /// Kinds of jobs that workers outside do.
    package var externalKinds: [String] = []

    package var logLevel = Log.Level.info
    package var logFormat = Log.Format.text

    package init() {}
}

extension ServeConfiguration {
    /// Where the store is kept.
    package enum Location: Sendable, Equatable {
        /// Nothing outlives the process.
        case memory
        /// A folder, made when it is missing, with the store in `martlet.db`.
        case directory(String)
    }

    /// Who writes the texts.
    package enum TextProvider: String, Sendable, CaseIterable {
        /// A grammar, offline.
        case builtin
        case ollama
        /// Any server with OpenAI's interface.
        case openai
    }

    /// Who paints the pictures.
    package enum ImageProvider: String, Sendable, CaseIterable {
        /// A painter of vector graphics, offline.
        case builtin
        /// Any server with OpenAI's interface.
        case openai
        case automatic1111
    }

    /// Where a provider is and what it is asked for; `nil` is the provider's own default.
    package struct ProviderServer: Sendable, Equatable {
        package var url: String?
        package var model: String?
        /// A file with the key and nothing else.
        package var keyFile: String?
        /// Requests that it gets at once.
        package var concurrency: Int?
    }

    /// When a published event counts as kept and its producer is answered.
    ///
    /// A crash of the hub loses nothing of what was answered, whichever it is: the kernel has it.
    package enum Durability: String, Sendable, CaseIterable {
        /// Once the disk has confirmed it: power loss loses nothing either.
        case full
        /// Once the kernel has it: power loss may lose the last events.
        case normal
        /// As `normal`, and the disk is never asked: power loss may damage the file as well.
        case memory
    }
}
