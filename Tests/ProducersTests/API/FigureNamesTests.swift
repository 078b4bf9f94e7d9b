import HubTestSupport
import Telemetry
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `Figures under their older names` {
    private func older(_ data: String) -> String? {
        FigureNames.withOlderNames(Array(data.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `stand behind the present ones, with the same values`() {
        #expect(
            older(#"{"state":"running","progress":41.50,"eta_seconds":null,"x":{"error":"é\n"}}"#)
                == #"{"state":"running","progress":41.50,"eta_seconds":null,"x":{"error":"é\n"},"#
                + #""status":"running","progress_percentage":41.50,"#
                + #""estimated_time_remaining":null}"#)
        #expect(
            older(#"{"elapsed_seconds":1.2,"content_rate":7,"error":"\u2028"}"#)
                == #"{"elapsed_seconds":1.2,"content_rate":7,"error":"\u2028","elapsed_time":1.2,"#
                + #""content_generation_rate":7,"error_message":"\u2028"}"#)
        #expect(older("{}") == "{}")
        #expect(older(#"{"current_tokens":4}"#) == #"{"current_tokens":4}"#)
    }

    @Test(arguments: ["null", "[]", "1", #""state""#, "[{}]"])
    func `are those of objects`(data: String) {
        #expect(older(data) == nil)
    }

    @Test func `are what a stream is sent that asks for them`() {
        let encoding = EventEncoding(epoch: .random())
        let ledger = FormLedger()
        let at = Timestamp(milliseconds: 0)
        func event(_ resources: [String], _ data: String) -> Publication {
            Publication(
                resources: resources.map { Resource(checked: $0) },
                name: EventName(checked: "job_update"), data: Array(data.utf8))
        }
        let data = #"{"state":"queued"}"#
        let update = encoding.frame(event(["job:1"], data), sequence: 7, at: at)
        let state = encoding.stateFrame(event(["job:1"], data), sequence: 7, at: at)
        let shared = encoding.frame(event(["job:1", "a:1"], data), sequence: 7, at: at)
        #expect(FigureNames.present.view(over: nil) == nil)
        let view = FigureNames.older.view(over: EventView(naming: { $0.name == "job:1" }))!
        for frame in [update, state] {
            let form = frame.form(for: view, counting: ledger)
            #expect(frame.form(for: view, counting: ledger) === form && form !== frame)
            let text = unsafe String(decoding: form.block, as: UTF8.self)
            let plain = unsafe String(decoding: frame.block, as: UTF8.self)
            #expect(text == plain.replacing(data, with: #"{"state":"queued","status":"queued"}"#))
            #expect(form.members.suffix(19) == Array(#","status":"queued"}"#.utf8)[...])
            // The other streams have what they had.
            #expect(frame.form(for: .raw, counting: ledger) !== form)
        }
        let form = shared.form(for: view, counting: ledger)
        let text = unsafe String(decoding: form.block, as: UTF8.self)
        #expect(!text.contains("status") && !text.contains("a:1") && text.contains("job:1"))
        #expect(
            shared.form(for: FigureNames.older.view(over: nil)!, counting: ledger) === shared)
        let delta = encoding.frame(
            .contentDelta(offset: 0, text: "x", of: "1", attempt: 1), sequence: nil, at: at)
        #expect(delta.form(for: view, counting: ledger) === delta)
    }
}
