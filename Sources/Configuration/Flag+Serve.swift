extension Flag {
    /// All flags of `martlet serve`, in the order of the help text.
    static let serve: [Group] = [
        configuring, listening, encryption, origins, CredentialFlags.group, limits, streams,
        storage, generators, jobs, logging,
    ]

    static let timeout = Duration.milliseconds(10)...Duration.seconds(3600)

    private static let configuring = Group(
        title: "Configuration file",
        flags: [
            Flag(
                "config", "FILE", .text(\.config, open: "none"),
                "File with settings, one \"flag = value\" a line as in TOML; flags and variables come before it. Its allowed-hosts and allowed-origins are read again on SIGHUP."
            )
        ])

    private static let listening = Group(
        title: "Listening",
        flags: [
            Flag("host", "ADDRESS", .host(\.host), "Address or host name to listen on."),
            Flag(
                "port", "PORT", .count(\.port, 0...65_535),
                "TCP port; 0 takes any free one, which the line on standard output names."),
            Flag(
                "workers", "N", .openCount(\.workers, 1...1024, open: "one per core"),
                "Threads that serve connections."),
            Flag(
                "web", "DIR", .text(\.web, open: "nothing"),
                "Folder of a web app that is served at /app/; it is read at the start."),
            Flag(
                "head-timeout", "SECONDS", .seconds(\.headTimeout, timeout),
                "A request's head must be complete within this time."),
            Flag(
                "body-timeout", "SECONDS", .seconds(\.bodyTimeout, timeout),
                "A request's body may stand still this long."),
            Flag(
                "idle-timeout", "SECONDS", .seconds(\.idleTimeout, timeout),
                "A connection without a request is closed after this time."),
            Flag(
                "shutdown-timeout", "SECONDS",
                .seconds(\.shutdownTimeout, .zero...Duration.seconds(3600)),
                "How long a stop waits for requests and streams to end."),
        ])

    private static let streams = Group(
        title: "Streams",
        flags: [
            Flag(
                "keepalive", "SECONDS", .seconds(\.keepalive, timeout),
                "A stream that was sent nothing for this time gets a keepalive event."),
            Flag(
                // The largest event leaves 64 KiB of a broadcast's 1 MiB to the other fields.
                "event-bytes", "BYTES", .bytes(\.eventBytes, 1 << 10...960 << 10),
                "Bytes of data that a producer's event may have; every client must be able to read a line of them."
            ),
            Flag(
                "queue-size", "N", .count(\.queueSize, 1...10_000),
                "Events that may wait in memory for one connection; a slower one reads on from the log."
            ),
            Flag(
                "queue-bytes", "BYTES", .bytes(\.queueBytes, 1 << 10...1 << 30),
                "Bytes that may wait in memory for one connection."),
            Flag(
                "broadcast-timeout", "SECONDS", .seconds(\.broadcastTimeout, timeout),
                "A connection that is behind and takes no byte for this time is closed."),
        ])

    private static let storage = Group(
        title: "Storage",
        flags: [
            Flag(
                "data", "DIR", .location(\.data),
                "Folder of the store, made when missing; \":memory:\" keeps nothing."),
            Flag(
                "durability", "MODE", .choice(Choice(\.durability)),
                "When a producer is answered: \"full\" once the disk has confirmed the event, \"normal\" and \"memory\" once the kernel has it. A crash of the hub loses nothing with any of them. Power loss loses nothing with \"full\"; with the others it may lose the last events, and with \"memory\" it may damage the file, since the disk is never asked."
            ),
            Flag(
                "retention-age", "SECONDS",
                .seconds(
                    \.retentionAge, Duration.milliseconds(100)...Duration.seconds(3_153_600_000)),
                "Events older than this leave the log; a day has 86400 seconds."),
            Flag(
                "retention-events", "N", .count(\.retentionEvents, 1...1_000_000_000_000),
                "Most events that the log keeps."),
            Flag(
                "retention-bytes", "BYTES", .bytes(\.retentionBytes, 64 << 10...1 << 50),
                "Most bytes that the log keeps."),
            Flag(
                "memory-events", "N", .count(\.memoryEvents, 1...100_000_000),
                "Most events of the log's end that are also in memory, to serve resumes."),
            Flag(
                "memory-bytes", "BYTES", .bytes(\.memoryBytes, 1 << 10...1 << 40),
                "Most bytes of the log's end that are also in memory."),
        ])

    private static let logging = Group(
        title: "Logging (to standard error)",
        flags: [
            Flag("log-level", "LEVEL", .choice(Choice(\.logLevel)), "Least level that is written."),
            Flag("log-format", "FORMAT", .choice(Choice(\.logFormat)), "How log lines look."),
        ])
}
