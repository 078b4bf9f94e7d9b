import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `The hash` {
    // The vectors that its authors publish.
    @Test(
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C),
            ("foobar", 0x8594_4171_F739_67E8),
        ] as [(String, UInt64)])
    func `is FNV-1a`(text: String, hash: UInt64) {
        #expect(FNV1a.hash(text) == hash)
    }

    @Test func `is the same in pieces, of texts and of bytes`() {
        var pieces = FNV1a()
        pieces.add("foo")
        pieces.add("bar".bytes)
        #expect(pieces.value == FNV1a.hash("foobar"))
    }

    @Test func `mixes a number in by one step`() {
        var (byte, number) = (FNV1a(), FNV1a())
        byte.add("\u{7}")
        number.add(step: 7)
        #expect(byte.value == number.value)
    }
}
