import Testing

@testable import Server

struct `The head of an acknowledgement` {
    @Test func `tells the present date, however often it was asked for an earlier one`() {
        var head = AcknowledgementHead()
        let first = value(&head, second: 37)
        #expect(value(&head, second: 37) == first)
        let second = String(
            decoding: value(&head, second: 38), as: UTF8.self)
        #expect(second.contains("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n"))
        #expect(!second.contains(":37"))
        let expected = String(decoding: first, as: UTF8.self).replacing(":37", with: ":38")
        #expect(second == expected)
    }

    private func value(_ head: inout AcknowledgementHead, second: Int) -> [UInt8] {
        head.value(
            date: "Sun, 06 Nov 1994 08:49:\(second) GMT", constant: Array("X: constant\r\n".utf8))
    }
}
