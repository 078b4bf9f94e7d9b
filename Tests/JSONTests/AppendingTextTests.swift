import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct AppendingTextTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 1_234_567_890, UInt64.max / 10, UInt64.max])
    func `a number is appended in decimal digits`(number: UInt64) {
        var bytes = "id: ".bytes
        bytes.append(decimal: number)
        #expect(bytes == "id: \(number)".bytes)
    }

    @Test(arguments: ["", "a", "fifteen bytes..", "sixteen bytes...", "é€𝄞", "e\u{301}\0"])
    func `a text is appended byte for byte`(text: String) {
        var bytes = "(".bytes
        bytes.append(text: text)
        bytes.append(literal: ") é")
        #expect(bytes == "(\(text)) é".bytes)
    }
}
