package import JSON
internal import Generators

/// Builds a small web app from a prompt: its HTML, then the CSS for it, then the JavaScript.
///
/// Each of the three is a step of its own and is shown while it is written. The app's page holds
/// them together.
package struct AppPipeline: Pipeline {
    package static let kind = "app"

    package let steps = [
        Step("writing_html", "Writing the HTML", weight: 30),
        Step("writing_css", "Writing the CSS", weight: 30),
        Step("writing_js", "Writing the JavaScript", weight: 40),
    ]

    /// Three texts, each several times as long as a post.
    package let timeout = 1800.0

    /// The most tokens of each of the three.
    private static let maximumTokens = 4096

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> any Order {
        let prompt = try input.promptAlone("what the app is to do")
        return PlainOrder(input: RecordJSON.object { $0.member("prompt", prompt) })
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let prompt = RecordJSON.member("prompt", of: job.input) ?? ""
        var app = AppCode()
        app.html = try await job.write(
            "writing_html", request(.html, prompt, Self.htmlInstructions, job),
            as: .code("html", share: 0.3), check: Self.refuseHTML)
        app.css = try await job.write(
            "writing_css", request(.css, prompt, Self.cssInstructions(app), job),
            as: .code("css", share: 0.3))
        app.js = try await job.write(
            "writing_js", request(.javaScript, prompt, Self.jsInstructions(app), job),
            as: .code("js", share: 0.4))
        return Completion(result: app.json)
    }

    package func page(of result: [UInt8], input: [UInt8]) -> [UInt8]? {
        AppCode(json: result)?.page(title: RecordJSON.member("prompt", of: input) ?? "")
    }

    private func request(
        _ purpose: TextRequest.Purpose, _ prompt: String, _ instructions: String, _ job: JobRun
    ) -> TextRequest {
        TextRequest(
            purpose: purpose, instructions: instructions, prompt: prompt,
            maximumTokens: Self.maximumTokens, seed: Seed.of(job.id, 0))
    }

    private static func refuseHTML(_ text: String) -> GenerationError? {
        guard !text.utf8.contains(UInt8(ascii: "<")) else { return nil }
        return GenerationError(
            "The model's answer is no HTML; another attempt, or another model, may do better.",
            retry: .later)
    }
}

// MARK: What the model is told

extension AppPipeline {
    /// What holds for the whole app, whichever part is written.
    private static let frame = """
        You build a small web app of one page from a wish. It runs in a sandboxed frame, about 360 pixels wide and \
        420 high, without a network, storage, cookies, alerts or further files, and must work in a \
        light and a dark scheme and by keyboard.
        """

    private static let htmlInstructions = """
        \(frame) Answer with the HTML that stands in its body and nothing else: no html, head, style or script, no \
        words around it. Give an id to what a script needs, and a label to every control.
        """

    private static func cssInstructions(_ app: AppCode) -> String {
        """
        \(frame) Answer with the CSS of the app and nothing else: no words around it. Its HTML is:

        \(app.html)
        """
    }

    private static func jsInstructions(_ app: AppCode) -> String {
        """
        \(frame) Answer with the JavaScript of the app and nothing else: no words around it. It runs once, after the \
        HTML, as a classic script. The HTML is:

        \(app.html)

        The CSS is:

        \(app.css)
        """
    }
}
