import Foundation
import JSON
import Testing

/// Texts cut, mutated and generated: nothing traps, and what is accepted is JSON to others too.
@Suite(.timeLimit(.minutes(2)))
struct HostileTextTests {
    static let texts: [String] =
        GrammarTests.accepted + [
            #"{"resource":"post:456","event":"post_update","data":{"status":"ready","n":[1.5e3,-0]}}"#,
            #"[{"resources":["post:1","job:é"],"retain":true,"data":"a\u00e9\ud83d\ude00\n"},null]"#,
            " [ 1 , { \"a\" : \"\\\\\" } , \"日本\" , -12.5E+7 ]\r\n",
        ]

    @Test(arguments: texts)
    func `cut at any byte it is refused, or is a shorter number`(_ text: String) throws {
        let bytes = text.bytes
        let significant = (bytes.lastIndex { !" \t\r\n".utf8.contains($0) } ?? -1) + 1
        for length in 0..<significant {
            let cut = Array(bytes[..<length])
            let error = refusal(of: cut)
            let isNumber = cut.first.map { "-0123456789".utf8.contains($0) } ?? false
            #expect(error != nil || isNumber, "cut to \(length) bytes")
            #expect(error.map { $0.offset <= length } ?? true)
            #expect((try? rewritten(cut)) == nil || isNumber)

            // The same cut by range, where the rest of the text lies right behind it.
            var reader = JSONReader(bytes, in: 0..<length)
            var output: [UInt8] = []
            var rangeError: JSONError?
            do throws(JSONError) {
                try reader.copyValue(into: &output)
                try reader.finish()
            } catch {
                rangeError = error
            }
            #expect(rangeError == error)
        }
    }

    @Test func `mutated texts never trap and what is accepted is JSON to Foundation too`() throws {
        var random = SeededGenerator(state: 0x6D61_7274_6C65_7421)
        var accepted = 0
        for _ in 0..<40_000 {
            let text = mutated(Self.texts.randomElement(using: &random) ?? "", using: &random)
            _ = try? rewritten(text)
            guard let compact = try? copied(text) else {
                #expect(throws: JSONError.self) { try rewritten(text) }
                continue
            }
            accepted += 1
            try expectIsFixedPoint(compact)
            expectFoundationAgrees(text: text, compact: compact)
        }
        // A test that only ever sees refusals would show nothing.
        #expect(accepted > 2_000)
    }

    private func expectIsFixedPoint(_ compact: [UInt8]) throws {
        #expect(try copied(compact) == compact)
        #expect(!compact.contains(0x0A) && !compact.contains(0x0D))
        var reader = JSONReader(compact)
        try reader.skipValue()
        try reader.finish()
    }

    private func expectFoundationAgrees(text: [UInt8], compact: [UInt8]) {
        guard !foundationMayDiffer(compact) else { return }
        let value = try? JSONSerialization.jsonObject(
            with: Data(text), options: .fragmentsAllowed)
        let same = try? JSONSerialization.jsonObject(
            with: Data(compact), options: .fragmentsAllowed)
        let shown = String(decoding: text, as: UTF8.self)
        #expect(value != nil, "accepted here only: \(shown)")
        #expect((value as? NSObject) == (same as? NSObject), "changed by copying: \(shown)")
    }

    /// Where Foundation refuses what RFC 8259's grammar accepts: it decodes all it reads, so half a
    /// surrogate pair has no `String`, and a number beyond `Double` no `NSNumber`.
    private func foundationMayDiffer(_ compact: [UInt8]) -> Bool {
        let text = String(decoding: compact, as: UTF8.self).lowercased()
        if text.contains("\\ud") { return true }
        return text.split { !"-+.e0123456789".contains($0) }.contains { number in
            Double(number).map { !$0.isFinite } ?? false
        }
    }

    private func mutated(_ text: String, using random: inout SeededGenerator) -> [UInt8] {
        let alphabet = Array("{}[]:,\"\\u/ 0123456789.eE+-truefalsn\n\tdDbB8cC".utf8)
        var bytes = text.bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0...bytes.count, using: &random)
            let any =
                Bool.random(using: &random)
                ? alphabet.randomElement(using: &random) ?? 0
                : UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.insert(any, at: index)
            case 1 where index < bytes.count: bytes[index] = any
            case 2 where index < bytes.count: bytes.remove(at: index)
            case 3: bytes.removeSubrange(index...)
            case 4:
                let other = Self.texts.randomElement(using: &random) ?? ""
                bytes.insert(contentsOf: other.utf8, at: index)
            default:
                let end = Int.random(in: index...bytes.count, using: &random)
                bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
            }
        }
        return bytes
    }
}

/// SplitMix64: the same texts on every run, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
