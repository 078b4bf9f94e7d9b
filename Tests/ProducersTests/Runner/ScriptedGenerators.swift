import Generators
import Reactor

/// What a generator does in one call, in order; at the end of the list it is done.
enum Act: Sendable {
    /// A token of a text; of a picture, a report that it is half done.
    case say(String)
    /// A token that the model thinks and does not say.
    case think
    /// Nothing more, because the limit of tokens is reached.
    case cut
    case fail(GenerationError)
    /// Waits; a cancelled task ends it at once, as it should be.
    case wait(Gate)
    /// Waits, deaf to cancellation.
    case hang(Gate)
}

/// A generator that does for each call what the test has written down for it.
final class Script: Sendable {
    private struct State {
        var acts: [[Act]]
        var prompts: [String] = []
        var running = 0
        var most = 0
    }

    private let state: Lock<State>
    /// What is done in each call beyond those that are written down.
    private let usual: [Act]
    /// How many calls have begun.
    let calls = Count()
    /// How many calls were ended by a cancellation.
    let cancelled = Count()

    init(_ acts: [[Act]] = [], then usual: [Act]) {
        state = Lock(State(acts: acts))
        self.usual = usual
    }

    var prompts: [String] { state.withLock(\.prompts) }
    /// How many calls ran at once at most.
    var mostAtOnce: Int { state.withLock(\.most) }

    /// - Returns: whether it was cut.
    @discardableResult
    func run(
        _ prompt: String, think: () async -> Void = {}, say: (String) async -> Void
    ) async throws(GenerationError) -> Bool {
        let acts = state.withLock { state in
            state.prompts.append(prompt)
            state.running += 1
            state.most = max(state.most, state.running)
            return state.acts.isEmpty ? usual : state.acts.removeFirst()
        }
        calls.add()
        defer { state.withLock { $0.running -= 1 } }
        for act in acts {
            switch act {
            case .say(let text): await say(text)
            case .think: await think()
            case .cut: return true
            case .fail(let error): throw error
            case .wait(let gate): await gate.pass()
            case .hang(let gate): await gate.passAnyway()
            }
            guard !Task.isCancelled else {
                cancelled.add()
                throw .cancelled
            }
        }
        return false
    }
}

struct ScriptedText: TextGenerator {
    let provider = "scripted-text"
    let model = "model"
    let script: Script

    func generate(
        _ request: TextRequest, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        var thought = 0
        let isCut = try await script.run(request.prompt) {
            thought += 1
            await receive(TextPiece("", tokens: 0, thinkingTokens: 1))
        } say: {
            await receive(TextPiece($0))
        }
        return TextResult(
            ending: isCut ? .length : .stop, inputTokens: 5, thinkingTokens: thought)
    }
}

struct ScriptedImages: ImageGenerator {
    let provider = "scripted-images"
    let model = ""
    let script: Script

    func generate(
        _ request: ImageRequest, report: (ImageProgress) async -> Void
    ) async throws(GenerationError) -> Picture {
        try await script.run(request.prompt) { _ in await report(ImageProgress(fraction: 0.5)) }
        return Picture(mediaType: "image/png", bytes: Array(request.prompt.utf8))
    }
}
