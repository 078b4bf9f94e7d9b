import Generators
import Reactor

/// What a generator does in one call, in order; at the end of the list it is done.
enum Act: Sendable {
    /// A token of a text; of a picture, a report that it is half done.
    case say(String)
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

    func run(
        _ prompt: String, say: (String) async -> Void
    ) async throws(GenerationError) {
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
            case .fail(let error): throw error
            case .wait(let gate): await gate.pass()
            case .hang(let gate): await gate.passAnyway()
            }
            guard !Task.isCancelled else {
                cancelled.add()
                throw .cancelled
            }
        }
    }
}

struct ScriptedText: TextGenerator {
    let provider = "scripted-text"
    let model = "model"
    let script: Script

    func generate(
        _ request: TextRequest, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        try await script.run(request.prompt) { await receive(TextPiece($0)) }
        return TextResult(ending: .stop, inputTokens: 5)
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
