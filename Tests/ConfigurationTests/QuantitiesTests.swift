import Testing

@testable import Configuration

@Suite(.timeLimit(.minutes(5)))
struct `Quantities` {
    @Test(arguments: [
        ("0", Duration.zero, "0"),
        ("30", .seconds(30), "30"),
        ("0.5", .milliseconds(500), "0.5"),
        ("0.50", .milliseconds(500), "0.5"),
        ("0.000000001", .nanoseconds(1), "0.000000001"),
        ("604800", .seconds(604_800), "604800"),
    ])
    func `seconds are read exactly and written shortest`(
        text: String, duration: Duration, shortest: String
    ) {
        #expect(Duration(decimalSeconds: text) == duration)
        #expect(duration.secondsText == shortest)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "inf", "nan", "1s", " 1", "1,5", "0.0000000001",
        "99999999999999999999", "1.2.3", "١",
    ])
    func `no other spelling of seconds is accepted`(text: String) {
        #expect(Duration(decimalSeconds: text) == nil)
    }

    @Test(arguments: [
        ("0", 0, "0"),
        ("1", 1, "1"),
        ("1000", 1000, "1000"),
        ("1024", 1024, "1KiB"),
        ("1536KiB", 1_572_864, "1536KiB"),
        ("1MiB", 1_048_576, "1MiB"),
        ("4GiB", 4_294_967_296, "4GiB"),
        ("2TiB", 2_199_023_255_552, "2TiB"),
    ])
    func `bytes are read with units and written shortest`(text: String, bytes: Int, short: String) {
        #expect(Int(bytes: text) == bytes)
        #expect(bytes.bytesText == short)
    }

    @Test(arguments: [
        "", "KiB", "1k", "1M", "1MB", "1mib", "1.5MiB", "-1", "+1", "1 MiB", "9999999999TiB",
        "99999999999999999999",
    ])
    func `no other spelling of bytes is accepted`(text: String) {
        #expect(Int(bytes: text) == nil)
    }
}
