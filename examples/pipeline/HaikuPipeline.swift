internal import Generators
package import JSON

/// Writes a haiku about what someone names.
package struct HaikuPipeline: Pipeline {
    package static let kind = "haiku"

    // Writing takes a while and counting does not, which the weights say to the progress.
    package let steps = [
        Step("writing", "Writing the haiku", weight: 9),
        Step("counting", "Counting its words", weight: 1),
    ]

    package init() {}

    /// Reads `{"about": "…"}`; what is wrong with it is said to the client at once, with 422.
    package func order(from input: inout InputReader) throws(InputError) -> any Order {
        var about: String?
        try input.object(of: "about") { input, field throws(InputError) in
            guard field == "about" else { return false }
            about = try input.prompt()
            return true
        }
        guard let about else { throw .missing("about", "what the haiku is about") }
        // What `run` gets to work with. A pipeline that makes a record has an `Order` of its own, as `OrderPost` is.
        return PlainOrder(input: Self.object { $0.member("about", about) })
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let about = RecordJSON.member("about", of: job.input) ?? ""

        // The closures of a step: the work, and the change that keeps what it made. After a crash or a failure in a later step,
        // this one gives what was kept, and the model is not asked again.
        let haiku = try await job.step("writing") { () async throws(JobError) in
            try await job.text(
                TextRequest(
                    purpose: .text,
                    instructions: "You write haiku: three short lines and nothing else.",
                    prompt: "A haiku about \(about)", maximumTokens: 160, seed: Seed.of(job.id, 0)))
        } keeping: {
            Kept(RecordJSON.string($0))
        }

        let count = try await job.step("counting") { () async throws(JobError) -> Int in
            let words = RecordJSON.text(of: haiku).split { $0.isWhitespace }.count
            guard words > 0 else { throw JobError.failed("The model has nothing to say.") }
            return words
        } keeping: {
            Kept(Array(String($0).utf8))
        }

        return Completion(
            result: Self.object { json in
                json.member("haiku", json: haiku)
                json.member("words", json: count)
            })
    }

    private static func object(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return json.bytes
    }
}
