import Generators
import Testing

@testable import Builtin

private let prompts = [
    "a ceramic artist from Lisbon who surfs", "software engineer with glasses", "", "???",
    "<script>alert(\"x\")</script> & more", "\u{0}\u{7}\u{1B}", "🎉 party", "night in the city",
    "desert road", "moss in the forest", "a walk by the sea at sunrise", "hiking", "my garden",
    String(repeating: "long & <longer> ", count: 200),
]

@Suite(.timeLimit(.minutes(5)))
struct `The built-in painter` {
    private func paint(
        _ subject: ImageRequest.Subject, _ prompt: String, seed: UInt64 = 1, width: Int = 768,
        height: Int = 768
    ) -> String {
        let picture = BuiltinImageGenerator.paint(
            ImageRequest(
                subject: subject, prompt: prompt, width: width, height: height, seed: seed))
        #expect(picture.mediaType == "image/svg+xml")
        return String(decoding: picture.bytes, as: UTF8.self)
    }

    @Test(arguments: [ImageRequest.Subject.portrait, .scene])
    func `paints the same for the same prompt and seed, and otherwise something else`(
        subject: ImageRequest.Subject
    ) {
        let first = paint(subject, "a potter", seed: 7)
        #expect(paint(subject, "a potter", seed: 7) == first)
        #expect(paint(subject, "a potter", seed: 8) != first)
        #expect(paint(subject, "a sailor", seed: 7) != first)
    }

    @Test(arguments: prompts)
    func `writes XML that is whole and small, whatever the prompt`(prompt: String) {
        for seed in UInt64(0)..<12 {
            for subject in [ImageRequest.Subject.portrait, .scene] {
                let text = paint(subject, prompt, seed: seed, width: 1024)
                #expect(problem(in: text) == nil, "\(subject) \(seed)")
                #expect(text.utf8.count < 30_000)
                for forbidden in [
                    "<script", "<image", "http://127", "javascript:", "<foreignObject",
                ] {
                    #expect(!text.contains(forbidden))
                }
            }
        }
    }

    @Test(arguments: [ImageRequest.Subject.portrait, .scene])
    func `shows nothing outside the picture, whatever the frame around it`(
        subject: ImageRequest.Subject
    ) throws {
        let text = paint(subject, "a gardener in the city", width: 1024)
        let clip = try #require(text.firstRange(of: "<path d=\"M0 0H1024V768H0Z\"/></clipPath>"))
        let id = try #require(text[..<clip.lowerBound].split(separator: "\"").dropLast().last)
        #expect(text.contains("</defs><g clip-path=\"url(#\(id))\">"))
    }

    @Test func `names what is shown for those who do not see it`() {
        #expect(paint(.scene, "the sea & I").contains("the sea &amp; I"))
        #expect(paint(.portrait, "a potter").contains("role=\"img\""))
    }

    @Test func `tells how far it is, up to the end`() async throws {
        var told: [Double] = []
        _ = try await BuiltinImageGenerator(secondsPerPicture: 0).generate(
            ImageRequest(subject: .scene, prompt: "rain")
        ) { told.append($0.fraction) }
        #expect(told == told.sorted() && told.last == 1 && told.count == 8)
    }

    @Test func `ends at once when nobody waits any more`() async {
        let task = Task {
            try await BuiltinImageGenerator(secondsPerPicture: 3600).generate(
                ImageRequest(subject: .portrait, prompt: "rain")
            ) { _ in }
        }
        task.cancel()
        await #expect(throws: GenerationError.cancelled) { try await task.value }
    }

    /// What is wrong with the XML: tags that do not match, or a bare mark in a text.
    private func problem(in text: String) -> String? {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            let before = rest[..<start]
            if before.contains(">") { return "a bare > in \(before)" }
            guard let end = rest[start...].firstIndex(of: ">") else {
                return "a tag without an end"
            }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return "</\(tag) closes nothing" }
            } else if !tag.hasSuffix("/") {
                open.append(tag.prefix { $0 != " " })
            }
            if tag.filter({ $0 == "\"" }).count % 2 == 1 { return "an open quote in \(tag)" }
        }
        let bare = text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" }
        return bare ? "a control character" : open.isEmpty ? nil : "\(open) stay open"
    }
}
