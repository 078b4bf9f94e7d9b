import HTTPClient
import Reactor
import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `AUTOMATIC1111` {
    private func generator(
        _ url: String, model: String = "", key: String? = nil,
        timeouts: ClientRequest.Timeouts = .limits()
    ) throws -> Automatic1111ImageGenerator {
        Automatic1111ImageGenerator(
            client: try Client(),
            settings: ProviderSettings(url: url, model: model, key: key, timeouts: timeouts),
            interval: .milliseconds(5))
    }

    private static let picture = ProviderDouble.Step.answer(
        200, [], #"{"images":["\#(smallPicture)"],"parameters":{},"info":"{}"}"#)

    /// The answers to questions for the progress, one after another; the last again and again.
    private final class Script: Sendable {
        private let count = Counter()
        private let answers: [ProviderDouble.Step]

        init(_ answers: [ProviderDouble.Step]) {
            self.answers = answers
        }

        /// The next, and whether it is the last.
        func next() -> (ProviderDouble.Step, isLast: Bool) {
            let index = count.next()
            return (answers[min(index, answers.count - 1)], index >= answers.count)
        }
    }

    private static func progress(_ text: String) -> ProviderDouble.Step {
        .answer(200, [], "{\(text)}")
    }

    @Test func `is asked as its interface says`() async throws {
        let double = try ProviderDouble { request in
            request.path == "/sdapi/v1/txt2img" ? [Self.picture] : [.answer(404, [], "{}")]
        }
        defer { double.stop() }
        let outcome = await ImageOutcome(
            try generator(double.url, model: "sdxl", key: "me:pass"),
            ImageRequest(subject: .scene, prompt: "p", width: 770, height: 512, seed: 1 << 40 | 3))
        #expect(outcome.picture?.mediaType == "image/png")
        let seen = try #require(double.requests.first { $0.path == "/sdapi/v1/txt2img" })
        #expect(seen.field("authorization") == "Basic bWU6cGFzcw==")
        #expect(
            seen.body.hasPrefix(
                #"{"prompt":"p","steps":20,"width":768,"height":512,"seed":3,"force_task_id":"task("#
            ))
        #expect(
            seen.body.hasSuffix(
                #"","override_settings":{"sd_model_checkpoint":"sdxl"},"#
                    + #""override_settings_restore_afterwards":false}"#))
        let asked = try #require(double.requests.first { $0.path == "/internal/progress" })
        #expect(asked.body.hasSuffix(#"","id_live_preview":-1}"#))
        let task = seen.body.split(separator: "\"").first { $0.hasPrefix("task(") }
        #expect(task != nil && asked.body.contains(task ?? "-"))
    }

    @Test func `tells how far it is, and never that it is less far`() async throws {
        let done = Signal()
        let script = Script([
            Self.progress(#""active":false,"queued":true,"progress":null"#),
            Self.progress(#""active":true,"queued":false,"progress":0.0,"eta":null"#),
            Self.progress(#""active":true,"queued":false,"progress":0.25,"eta":3.5"#),
            Self.progress(#""active":true,"queued":false,"progress":0.1,"eta":9"#),
            Self.progress(#""active":true,"queued":false,"progress":0.5,"eta":-1"#),
            .answer(500, [], "<html>"), Self.progress(#""active":true,"progress":1.0"#),
        ])
        let double = try ProviderDouble { request in
            if request.path == "/sdapi/v1/txt2img" { return [.wait(done), Self.picture] }
            let (answer, isLast) = script.next()
            return isLast ? [.give(done), answer] : [answer]
        }
        defer { double.stop() }
        let outcome = await ImageOutcome(try generator(double.url))
        #expect(outcome.picture != nil)
        // A slow reader may miss a step, but not the last and not their order.
        #expect(outcome.steps.last == ImageProgress(fraction: 0.99))
        let fractions = outcome.steps.map(\.fraction)
        #expect(fractions == fractions.sorted() && Set(fractions).count == fractions.count)
        #expect(Set(fractions).isSubset(of: [0.25, 0.5, 0.99]))
        let all = [
            ImageProgress(fraction: 0.25, remaining: 3.5), .init(fraction: 0.5, remaining: 0),
        ]
        #expect(outcome.steps.dropLast().allSatisfy(all.contains))
    }

    @Test func `is asked for all of its work where it does not know of tasks`() async throws {
        let done = Signal()
        let script = Script([
            Self.progress(#""progress":0.5,"eta_relative":2.0,"state":{"job_count":1}"#)
        ])
        let double = try ProviderDouble { request in
            switch request.path {
            case "/sdapi/v1/txt2img": return [.wait(done), Self.picture]
            case "/sdapi/v1/progress?skip_current_image=true":
                let (answer, isLast) = script.next()
                return isLast ? [.give(done), answer] : [answer]
            default: return [.answer(404, [], #"{"detail":"Not Found"}"#)]
            }
        }
        defer { double.stop() }
        let outcome = await ImageOutcome(try generator(double.url))
        #expect(outcome.picture != nil)
        #expect(outcome.steps == [ImageProgress(fraction: 0.5, remaining: 2)])
        #expect(double.requests.filter { $0.path == "/internal/progress" }.count == 1)
    }

    @Test(arguments: [
        (#""active":true,"queued":false,"progress":0.5"#, true),
        (#""active":false,"queued":true,"progress":null"#, false),
    ])
    func `is told to stop when the task is cancelled, unless it is busy with another`(
        answer: String, isTold: Bool
    ) async throws {
        let asked = Signal()
        let ended = Signal()
        let script = Script([Self.progress(answer)])
        let double = try ProviderDouble { request in
            switch request.path {
            case "/sdapi/v1/txt2img": return [.hang, .give(ended)]
            case "/internal/progress":
                let (answer, isLast) = script.next()
                return isLast ? [answer, .give(asked)] : [answer]
            default: return [.answer(200, [], "{}")]
            }
        }
        defer { double.stop() }
        let generator = try generator(double.url)
        let task = Task { await ImageOutcome(generator).error }
        #expect(await asked.given())
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await ended.given())
        #expect(double.requests.contains { $0.path == "/sdapi/v1/interrupt" } == isTold)
    }

    @Test func `that does not hear that it shall stop keeps nobody waiting`() async throws {
        let asked = Signal()
        let givenUp = Signal()
        let double = try ProviderDouble { request in
            switch request.path {
            case "/sdapi/v1/txt2img": [.give(asked), .hang]
            case "/sdapi/v1/interrupt": [.hang, .give(givenUp)]
            default: [.hang]
            }
        }
        defer { double.stop() }
        let generator = try generator(double.url)
        let task = Task { await ImageOutcome(generator).error }
        #expect(await asked.given())
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await givenUp.given())
    }

    @Test func `may be silent for long as long as it answers in between`() async throws {
        let done = Signal()
        let progress = Self.progress(#""active":true,"progress":0.5"#)
        let script = Script(Array(repeating: progress, count: 100))
        let double = try ProviderDouble { request in
            if request.path == "/sdapi/v1/txt2img" { return [.wait(done), Self.picture] }
            let (answer, isLast) = script.next()
            return isLast ? [.give(done), answer] : [answer]
        }
        defer { double.stop() }
        let generator = try generator(double.url, timeouts: .limits(stall: 0.4))
        #expect(await ImageOutcome(generator).error == nil)
    }

    @Test func `that answers nothing any more is given up`() async throws {
        let double = try ProviderDouble { _ in [.hang] }
        defer { double.stop() }
        let error = await ImageOutcome(
            try generator(double.url, timeouts: .limits(stall: 0.2))
        ).error
        #expect(error?.retry == .later)
        #expect(error?.message.contains("sent nothing for 0.2 seconds") == true)
    }

    @Test func `says in its own words what it refuses`() async throws {
        let double = try ProviderDouble { _ in
            [
                .answer(
                    422, [],
                    #"{"error":"HTTPException","detail":"Sampler not found","body":"","errors":""}"#
                )
            ]
        }
        defer { double.stop() }
        #expect(
            await ImageOutcome(try generator(double.url)).error
                == GenerationError(
                    "AUTOMATIC1111 at \(double.url) refuses the request (422: Sampler not found).",
                    retry: .never))
    }
}

/// Counts from 0.
private final class Counter: Sendable {
    private let lock = Lock(0)

    func next() -> Int {
        lock.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
