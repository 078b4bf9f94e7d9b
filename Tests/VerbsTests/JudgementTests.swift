import Testing

@testable import Verbs

@Suite(.timeLimit(.minutes(1)))
struct `The judgement of a doctor` {
    @Test func `takes events that do not come for buffered ones`() {
        let finding = Judgement.events([0.001, nil], limit: 3)
        #expect(finding.outcome == .fault)
        #expect(finding.mended(for: .nginx).remedy?.contains("proxy_buffering off;") == true)
        #expect(finding.mended(for: nil).remedy?.contains("buffering") == true)
    }

    @Test func `forgives one slow event, not most of them`() {
        #expect(Judgement.events([0.001, 0.21, 0.001, 0.001], limit: 3).outcome == .good)
        #expect(Judgement.events([0.001, 0.21, 0.21, 0.21], limit: 3).outcome == .fault)
    }

    private static let cuts: [(Double?, Finding.Outcome)] = [
        (5, .fault), (30, .fault), (60, .good), (nil, .good),
    ]

    @Test(arguments: cuts)
    func `holds a cut against the keep-alive`(cut: Double?, outcome: Finding.Outcome) {
        #expect(Judgement.quiet(cut: cut, watched: 75, keepalive: 30).outcome == outcome)
    }

    @Test func `recognises a proxy by its fields`() {
        #expect(ProxyKind(fields: [("Server", "nginx/1.22.1")], isSecure: false) == .nginx)
        #expect(ProxyKind(fields: [("Via", "1.1 Caddy")], isSecure: true) == .caddy)
        #expect(ProxyKind(fields: [("content-type", "a/b")], isSecure: false) == .haproxy)
        #expect(ProxyKind(fields: [("content-type", "a/b")], isSecure: true) == nil)
        #expect(ProxyKind(fields: [("Content-Type", "a/b")], isSecure: false) == nil)
    }

    @Test func `has a remedy for each fault of each proxy`() {
        for check in DoctorCheck.allCases where check != .connections {
            for proxy in ProxyKind.allCases {
                let finding = Finding(check, .fault, "").mended(for: proxy)
                #expect(finding.remedy?.contains("OPERATIONS") == false, "\(check) \(proxy)")
            }
        }
    }
}
