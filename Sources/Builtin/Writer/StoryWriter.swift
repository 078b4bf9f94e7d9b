internal import Generators
internal import JSON

/// Writes a post in the first person.
enum StoryWriter {
    static func write(_ request: TextRequest, _ random: inout WriterRandom) -> String {
        let reading = PromptReading(request.prompt)
        let persona = PersonaFacts(request.instructions)
        let own = persona.occupation.map(Theme.of(occupation:)) ?? Theme.everyday
        // A prompt without a theme gets thoughts about its subject, and a glimpse of the persona's
        // occupation.
        let isUnknown = reading.theme.isEveryday && !reading.subject.isEmpty
        let theme = reading.theme.isEveryday ? own : reading.theme
        let doing = random.some(3, of: theme.doing)
        var moments = random.some(3, of: theme.moments)
        if isUnknown {
            moments.replaceSubrange(0..<2, with: random.some(2, of: thoughts(doing[2])))
        }

        var first = [opening(reading, persona, &random)] + moments.prefix(2)
        if random.number(in: 0...1) == 0 { first.append(random.one(of: asides)) }
        var second = [
            isUnknown ? "Meanwhile life went on." : random.one(of: turns), moments[2],
            random.one(of: theme.lessons),
        ]
        if random.number(in: 0...2) > 0 {
            second.append("Tomorrow I am back to \(doing[0]), and I can hardly wait.")
        }
        var paragraphs = [first, second].map { $0.joined(separator: " ") }
        if isUnknown {
            let subject = subject(reading)
            paragraphs.append("When you hear '\(subject)', what comes to your mind first?")
        } else if random.number(in: 0...3) > 0 {
            let question = random.one(of: [
                "When did you last spend a day \(doing[1])?",
                "Tell me: what would you have done differently?",
                "If you have a trick for \(doing[1]), the comments are yours.",
                "What should I try next?",
            ])
            paragraphs.append("\(random.one(of: thanks)) \(question)")
        }
        let tags = random.some(random.number(in: 0...3), of: theme.tags)
        if !tags.isEmpty { paragraphs.append(tags.map { "#\($0)" }.joined(separator: " ")) }
        return paragraphs.joined(separator: "\n\n")
    }

    /// Writes a text about any subject, in the third person.
    static func writePlain(_ prompt: String, _ random: inout WriterRandom) -> String {
        let reading = PromptReading(prompt)
        let subject = reading.subject.isEmpty ? "an ordinary day" : reading.subject
        let doing = random.some(3, of: reading.theme.doing)
        let lessons = random.some(2, of: reading.theme.lessons)
        let first = [
            "\(English.capitalised(subject)): there is more to it than one sees at first.",
            "Some begin by \(doing[0]), others by \(doing[1]), and most by a mistake.",
            lessons[0],
        ]
        let second = [
            "Whoever stays with it finds a rhythm: a little every day, and now and then a whole "
                + "afternoon of \(doing[2]).",
            lessons[1],
        ]
        return [first, second].map { $0.joined(separator: " ") }.joined(separator: "\n\n")
    }

    /// Returns the subject in the persona's words: "your morning" becomes "my morning".
    private static func subject(_ reading: PromptReading) -> String {
        reading.subject.split(separator: " ").map { $0.lowercased() == "your" ? "my" : $0 }
            .joined(separator: " ")
    }

    private static func opening(
        _ reading: PromptReading, _ persona: PersonaFacts, _ random: inout WriterRandom
    ) -> String {
        let subject = reading.subject.isEmpty ? "an ordinary day" : subject(reading)
        var choices = [
            "Today was all about this: \(subject)",
            "One thing has been on my mind all week: \(subject)",
            "You asked, so here it is: \(subject)",
        ]
        if let city = persona.city {
            choices.append("Good morning from \(city), where one thing keeps coming up: \(subject)")
        }
        if reading.isPhrase {
            choices += [
                "I promised you a story about \(subject), so here it is",
                "Let us talk about \(subject)",
                "You asked about \(subject), and I finally have something to say",
                "A short note on \(subject), written with tired hands and a big smile",
            ]
        }
        return English.sentence(random.one(of: choices))
    }

    /// Returns sentences that suit any subject, in the past tense.
    private static func thoughts(_ doing: String) -> [String] {
        [
            "I asked three people for their opinion and got four.",
            "I wrote half a page at breakfast and crossed out most of it.",
            "A friend asked why that matters to me, and I am still looking for the short answer.",
            "The subject came up again while I was \(doing), and I could not let it go.",
            "For a long time I had no opinion, and now I have two.",
        ]
    }

    private static let asides = [
        "Nobody was watching, thankfully.",
        "Yes, I took a picture before anything else.",
        "My neighbours have stopped asking.",
        "I may have made a small sound of joy.",
        "It took three coffees.",
    ]

    private static let turns = [
        "Then something happened that I had not planned.",
        "What I did not show you last time is the part that went wrong.",
        "The best part came late in the day, when I had almost given up.",
        "Halfway through I changed my mind about everything.",
        "I used to think that it takes talent; by now I believe in showing up.",
    ]

    private static let thanks = [
        "Thank you for reading along, and for the kind messages this week.",
        "A hundred small decisions went into this, and you helped me with some of them.",
        "I read every answer, even when I am slow to reply.",
        "More pictures soon, as always.",
    ]
}

/// The facts about the persona in the instructions, which contain it as a JSON object.
private struct PersonaFacts {
    private(set) var occupation: String?
    private(set) var city: String?

    init(_ instructions: String) {
        let bytes = Array(instructions.utf8)
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")),
            let end = bytes.lastIndex(of: UInt8(ascii: "}")), start < end
        else { return }
        var json = JSONReader(Array(bytes[start...end]))
        do throws(JSONError) {
            try json.beginObject()
            while let key = try json.nextKey() {
                switch key {
                case "occupation": occupation = try json.readString()
                case "city": city = try json.readString()
                default: break
                }
            }
        } catch {
            // The facts that were read so far are used.
        }
    }
}
