extension Flag {
    static let generators = Group(
        title: "Generators",
        flags: [
            Flag(
                "text-provider", "NAME", .choice(Choice(\.textProvider)),
                "Who writes: the built-in grammar, Ollama, or any server with OpenAI's interface."),
            Flag(
                "text-url", "URL", .url(\.textServer.url, open: "the usual one"),
                "Its base URL; for OpenAI's interface including /v1."),
            Flag(
                "text-model", "NAME", .text(\.textServer.model, open: "the usual one"),
                "The model that is asked."),
            Flag(
                "text-key-file", "FILE", .text(\.textServer.keyFile, open: "no key"),
                "A file with the key and nothing else; or the key itself in MARTLET_TEXT_KEY. It is never logged."
            ),
            Flag(
                "text-concurrency", "N",
                .openCount(
                    \.textServer.concurrency, 1...10_000, open: "by provider"),
                "Texts that are asked for at once, the others wait: ollama 1, openai 16, builtin 1000."
            ),
            Flag(
                "text-max-tokens", "N",
                .openCount(\.textMaximumTokens, 1...10_000_000, open: "by kind of text"),
                "Tokens that a text may have, what the model thinks included: posts 1024, personas 768, each of the three parts of an app 4096, a section of an article 2048, a context 1536. A text that is cut fails."
            ),
            Flag(
                "image-provider", "NAME", .choice(Choice(\.imageProvider)),
                "Who paints: the built-in painter, any server with OpenAI's interface, or AUTOMATIC1111."
            ),
            Flag(
                "image-url", "URL", .url(\.imageServer.url, open: "the usual one"),
                "Its base URL; for OpenAI's interface including /v1."),
            Flag(
                "image-model", "NAME",
                .text(\.imageServer.model, open: "the usual one"),
                "The model that is asked."),
            Flag(
                "image-key-file", "FILE", .text(\.imageServer.keyFile, open: "no key"),
                "A file with the key and nothing else; or the key itself in MARTLET_IMAGE_KEY."),
            Flag(
                "image-concurrency", "N",
                .openCount(
                    \.imageServer.concurrency, 1...10_000,
                    open: "by provider"),
                "Pictures that are asked for at once, the others wait: automatic1111 1, openai 4, builtin 1000."
            ),
            Flag(
                "stall-timeout", "SECONDS", .seconds(\.stallTimeout, timeout),
                "A provider that sends no byte for this time is given up, and tried again later."),
            Flag(
                "start-timeout", "SECONDS", .seconds(\.startTimeout, timeout),
                "The same before the first byte of a text, where servers let requests wait in silence."
            ),
            Flag(
                "provider-proxy", "URL", .text(\.providerProxy, open: "the environment's"),
                "Proxy for all requests to providers; \"none\" for none. The environment's is not used for this machine."
            ),
            Flag(
                "builtin-rate", "N", .count(\.builtinRate, 0...100_000),
                "Tokens per second of the built-in grammar; 0 is as fast as it can be."),
            Flag(
                "builtin-picture", "SECONDS",
                .seconds(\.builtinPicture, Duration.zero...Duration.seconds(3600)),
                "Time that the built-in painter takes for a picture."),
        ])

    static let jobs = Group(
        title: "Jobs",
        flags: [
            Flag(
                "jobs", "N", .count(\.jobs, 0...10_000),
                "Jobs that run at once in the hub; 0 runs none."),
            Flag(
                "upload-bytes", "BYTES", .bytes(\.uploadBytes, 1 << 10...1 << 30),
                "Bytes of a database that is sent for a job of the kind context."),
            Flag(
                "external-kinds", "NAMES", .list(\.externalKinds, .name),
                "Kinds of jobs that workers outside claim over HTTP."),
            Flag(
                "lease-seconds", "SECONDS", .seconds(\.leaseSeconds, timeout),
                "A worker outside that gives no sign of life for this time loses its job."),
            Flag(
                "result-age", "SECONDS",
                .seconds(\.resultAge, Duration.seconds(1)...Duration.seconds(31_536_000)),
                "Time for which an article is kept after its end, with its pictures."),
        ])
}
