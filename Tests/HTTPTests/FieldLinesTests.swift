import Testing

@testable import HTTP

struct `The field lines of all answers` {
    @Test(arguments: [
        (75_000, 70), (30_000, 28), (10_000, 9), (5_000, 4), (2_000, 1), (1_500, 1),
        (3_600_000, 3_595),
    ])
    func `announce less than the truth in whole seconds`(idleTimeout: Int, seconds: Int) {
        #expect(FieldLines.announcedSeconds(idleTimeout: idleTimeout) == seconds)
        #expect(seconds * 1_000 < idleTimeout)
    }

    @Test(arguments: [10, 150, 999, 1_000, 1_499])
    func `announce nothing where no whole second is left`(idleTimeout: Int) {
        #expect(FieldLines.announcedSeconds(idleTimeout: idleTimeout) == nil)
        let lines = FieldLines(idleTimeout: idleTimeout)
        #expect(lines.keptAlive == lines.closing)
    }

    @Test func `say in each version what the encoder does not`() {
        let lines = FieldLines(idleTimeout: 75_000)
        func text(_ minorVersion: Int, close: Bool) -> String {
            String(
                decoding: lines.value(minorVersion: minorVersion, close: close), as: UTF8.self)
        }
        let announcement = "Keep-Alive: timeout=70\r\n"
        #expect(text(1, close: false).hasSuffix("Connection: keep-alive\r\n" + announcement))
        #expect(text(0, close: false).hasSuffix(announcement))
        #expect(!text(0, close: false).contains("Connection"))
        for minorVersion in 0...1 {
            #expect(!text(minorVersion, close: true).contains("eep-"))
        }
    }
}
