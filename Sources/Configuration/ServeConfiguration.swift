package import Telemetry

/// The settings of `martlet serve`, with their defaults.
///
/// The help text shows these defaults. Other modules have defaults of their own for their tests
/// (`Settings`, `OutboxLimits`, `JobSettings`). The command replaces each of those that a flag sets
/// by the value that stands here.
package struct ServeConfiguration: Sendable, Equatable {
    /// An address or a host name; an IPv6 address without brackets.
    package var host = "127.0.0.1"
    /// The TCP port; 0 lets the kernel choose.
    package var port = 8080
    /// The number of worker threads; `nil` means one per core.
    package var workers: Int?
    package var headTimeout = Duration.seconds(10)
    package var bodyTimeout = Duration.seconds(30)
    package var idleTimeout = Duration.seconds(75)
    package var shutdownTimeout = Duration.seconds(5)
    package var tls = Encryption()

    /// A file with settings; flags and variables come before it.
    package var config: String?

    /// Names and patterns of hosts for which requests are taken.
    package var allowedHosts: [String] = []
    /// Origins and patterns of origins whose pages may call the hub.
    package var allowedOrigins: [String] = []
    /// Addresses and networks of proxies that are believed.
    package var trustedProxies: [String] = []
    /// Whether the hub may listen on any address without asking for credentials.
    package var isOpenInsecurely = false

    /// Events that may wait in memory for one connection.
    package var queueSize = 100
    /// Bytes that may wait in memory for one connection.
    package var queueBytes = 1 << 20
    /// Bytes of data that a producer's event may have.
    package var eventBytes = 256 << 10
    /// Bytes that a file may have which is sent for a job.
    package var uploadBytes = 64 << 20
    package var keepalive = Duration.seconds(30)
    package var broadcastTimeout = Duration.seconds(1)

    package var data = Location.directory("./data")
    package var durability = Durability.full
    package var retentionAge = Duration.seconds(7 * 24 * 60 * 60)
    package var retentionEvents = 10_000_000
    package var retentionBytes = 4 << 30
    /// The number of the newest events of the log that are also kept in memory.
    package var memoryEvents = 100_000
    /// The bytes of the newest events of the log that are also kept in memory.
    package var memoryBytes = 64 << 20

    /// The folder of a web app to serve.
    package var web: String?

    package var textProvider = TextProvider.builtin
    package var imageProvider = ImageProvider.builtin
    package var textServer = ProviderServer()
    package var imageServer = ProviderServer()
    /// Tokens per second of the built-in text; 0 is as fast as it can be.
    package var builtinRate = 60
    /// The time that the built-in painter takes for a picture.
    package var builtinPicture = Duration.milliseconds(1200)
    /// The time without a byte from a provider after which a request is given up.
    package var stallTimeout = Duration.seconds(60)
    /// The same limit for the time before the first byte of a text.
    package var startTimeout = Duration.seconds(300)
    /// The most tokens of a text, thinking included; `nil` leaves it to the kind of text.
    package var textMaximumTokens: Int?
    /// The proxy for requests to all providers; `nil` means that of the environment.
    package var providerProxy: String?

    /// The number of jobs that run at once in the hub.
    package var jobs = 256
    /// The time without a sign of life after which a worker outside loses its job.
    package var leaseSeconds = Duration.seconds(20)
    /// How long an article is kept after its end.
    package var resultAge = Duration.seconds(3600)
    /// Kinds of jobs that workers outside do.
    package var externalKinds: [String] = []

    /// The keys by which callers are known, and what they may do without.
    package var credentials = CredentialSettings()

    /// Streams and waiting polls at once; `nil` for as many as there are descriptors.
    package var maximumStreams: Int?
    package var maximumStreamsPerAddress = 0
    package var maximumStreamsPerSubject = 0
    package var streamRate = 0
    package var writeRate = 0
    package var byteRate = 0

    package var logLevel = Log.Level.info
    package var logFormat = Log.Format.text

    package init() {}
}

extension ServeConfiguration {
    /// The most bytes that a configuration file may have.
    package static let maximumFile = 1 << 20

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

    /// The address, model, key and limit of a provider; `nil` stands for the provider's own
    /// default.
    package struct ProviderServer: Sendable, Equatable {
        package var url: String?
        package var model: String?
        /// A file with the key and nothing else.
        package var keyFile: String?
        /// The number of requests that the provider gets at once.
        package var concurrency: Int?
    }

    /// The time at which a published event counts as kept, so that its producer is answered.
    ///
    /// With each of them a crash of the hub loses nothing that was answered, because the kernel has
    /// it.
    package enum Durability: String, Sendable, CaseIterable {
        /// Once the disk has confirmed it: power loss loses nothing either.
        case full
        /// Once the kernel has it: power loss may lose the last events.
        case normal
        /// As `normal`, and the disk is never asked: power loss may damage the file as well.
        case memory
    }
}
