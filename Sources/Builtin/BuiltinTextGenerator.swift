// Generates texts without a model: offline, quickly, and alike for the same request on every
// machine.
//
// A grammar writes the whole text, which is then handed out token by token at a set pace, as a
// model would. Jobs that run at the same time wake at the same instants, which is much cheaper than
// waking each at its own.

package import Generators
internal import JSON

/// Writes personas and posts by a grammar, from the prompt and the seed alone.
package struct BuiltinTextGenerator: TextGenerator {
    /// The instants at which tokens are handed out lie on a grid of this width.
    private static let grid = Duration.milliseconds(40)
    private static let origin = ContinuousClock.now

    private let tokensPerSecond: Double

    /// Makes a generator.
    ///
    /// - Parameter tokensPerSecond: the pace; 0 hands out everything at once.
    package init(tokensPerSecond: Double) {
        self.tokensPerSecond = max(0, tokensPerSecond)
    }

    package var provider: String { "builtin" }
    package var model: String { "builtin" }

    package func generate(
        _ request: TextRequest, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        let tokens = TextTokens.split(Self.text(for: request))
        let wanted = tokens.prefix(max(1, request.maximumTokens))
        let start = ContinuousClock.now
        var sent = 0
        while sent < wanted.count {
            if Task.isCancelled { throw .cancelled }
            let due = due(after: ContinuousClock.now - start, of: wanted.count)
            for token in wanted[sent..<max(sent, due)] { await receive(TextPiece(token)) }
            sent = max(sent, due)
            if sent < wanted.count { try await waitForToken(sent, from: start) }
        }
        return TextResult(
            ending: wanted.count < tokens.count ? .length : .stop,
            inputTokens: TextTokens.split(request.instructions + " " + request.prompt).count,
            outputTokens: sent)
    }

    private func due(after elapsed: Duration, of count: Int) -> Int {
        guard tokensPerSecond > 0 else { return count }
        let seconds =
            Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return min(count, Int(seconds * tokensPerSecond))
    }

    /// Sleeps to the first instant of the grid at which token number `index` is due.
    private func waitForToken(
        _ index: Int, from start: ContinuousClock.Instant
    ) async throws(GenerationError) {
        let due = start + .seconds(Double(index + 1) / tokensPerSecond)
        let steps = ((due - Self.origin) / Self.grid).rounded(.up)
        do {
            try await Task.sleep(until: Self.origin + Self.grid * steps)
        } catch {
            throw .cancelled
        }
    }

    private static func text(for request: TextRequest) -> String {
        var random = WriterRandom(request.prompt, seed: request.seed)
        return switch request.purpose {
        case .persona: PersonaWriter.write(request.prompt, seed: request.seed, &random)
        case .story: StoryWriter.write(request, &random)
        case .html: AppWriter.write(.html, request.prompt)
        case .css: AppWriter.write(.css, request.prompt)
        case .javaScript: AppWriter.write(.javaScript, request.prompt)
        case .article(let part, let language):
            ArticleWriter(request.prompt, language: language, random).write(part)
        case .context: ContextWriter.write(request.prompt)
        case .text: StoryWriter.writePlain(request.prompt, &random)
        }
    }
}

/// Splits a text into tokens such as a model's: a word with the space before it, or a mark.
enum TextTokens {
    static func split(_ text: String) -> [String] {
        var tokens: [String] = []
        var current: [Unicode.Scalar] = []
        func flush() {
            guard !current.isEmpty else { return }
            tokens.append(String(String.UnicodeScalarView(current)))
            current = []
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ", "\n":
                if current.last != scalar { flush() }
            case ".", ",", "!", "?", ";", ":", "\"", "{", "}", "[", "]": flush()
            default:
                if let last = current.last, last == "\n" || "\"{[:,".unicodeScalars.contains(last) {
                    flush()
                }
            }
            current.append(scalar)
        }
        flush()
        return tokens
    }
}

/// Random numbers that are the same for the same prompt and seed on every machine (SplitMix64,
/// seeded by FNV-1a).
struct WriterRandom {
    private var state: UInt64

    init(_ text: String, seed: UInt64) {
        state = FNV1a.hash(text) ^ (seed &* 0x9E37_79B9_7F4A_7C15)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// Returns one of several choices, of which there must be at least one.
    mutating func one<Choice>(of choices: [Choice]) -> Choice {
        choices[Int(next() % UInt64(choices.count))]
    }

    /// Returns some of several choices, each once, in random order.
    mutating func some<Choice>(_ count: Int, of choices: [Choice]) -> [Choice] {
        var left = choices
        var chosen: [Choice] = []
        while chosen.count < count, !left.isEmpty {
            chosen.append(left.remove(at: Int(next() % UInt64(left.count))))
        }
        return chosen
    }
}
