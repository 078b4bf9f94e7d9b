extension Flag {
    static let limits = Group(
        title: "Limits (0 is none)",
        flags: [
            Flag(
                "max-streams", "N",
                .openCount(\.maximumStreams, 0...10_000_000, open: "descriptors less 100"),
                "Open streams and waiting polls at once; further ones are told to come back. "
                    + "Of fewer than 200 descriptors the default is half."),
            Flag(
                "max-streams-per-address", "N",
                .count(\.maximumStreamsPerAddress, 0...10_000_000),
                "The same of one address, or of one /64 of IPv6."),
            Flag(
                "max-streams-per-subject", "N",
                .count(\.maximumStreamsPerSubject, 0...10_000_000),
                "The same of one subject of tokens or one API key."),
            Flag(
                "rate-streams", "N", .count(\.streamRate, 0...10_000_000),
                "New streams in a second, of each address, key and subject."),
            Flag(
                "rate-writes", "N", .count(\.writeRate, 0...10_000_000),
                "Requests in a second that change something, of each address, key and subject."),
            Flag(
                "rate-bytes", "BYTES", .bytes(\.byteRate, 0...1 << 40),
                "Bytes published in a second, by each address, key and subject."),
        ])
}
