internal import JSON

/// Writes a post in the first person.
enum StoryWriter {
    static func write(_ request: TextRequest, _ random: inout WriterRandom) -> String {
        let reading = PromptReading(request.prompt)
        let persona = PersonaFacts(request.instructions)
        let own = persona.occupation.map(Topic.of(occupation:)) ?? Topic.everyday
        let topic = reading.topic.isEveryday ? own : reading.topic
        let subject = reading.subject.isEmpty ? "an ordinary day" : reading.subject
        let moments = random.some(3, of: topic.moments)
        let doing = random.some(2, of: topic.doing)

        var first = [opening(subject, persona, &random)] + moments.prefix(2)
        if random.number(in: 0...1) == 0 { first.append(random.one(of: asides)) }
        var second = [
            random.one(of: turns), moments.last ?? "", random.one(of: topic.lessons),
        ]
        if random.number(in: 0...2) > 0 {
            second.append("Tomorrow I am back to \(doing[0]), and I can hardly wait.")
        }
        let third = [
            random.one(of: thanks),
            random.one(of: [
                "What was your last time \(doing[1])?",
                "Tell me: what would you have done differently?",
                "If you have a trick for \(doing[1]), the comments are yours.",
                "What should I try next?",
            ]),
        ]
        var paragraphs = [first, second].map { $0.joined(separator: " ") }
        if random.number(in: 0...3) > 0 { paragraphs.append(third.joined(separator: " ")) }
        let tags = random.some(random.number(in: 0...3), of: topic.tags)
        if !tags.isEmpty { paragraphs.append(tags.map { "#\($0)" }.joined(separator: " ")) }
        return paragraphs.joined(separator: "\n\n")
    }

    /// A text about anything, in the third person.
    static func writePlain(_ prompt: String, _ random: inout WriterRandom) -> String {
        let reading = PromptReading(prompt)
        let subject = reading.subject.isEmpty ? "an ordinary day" : reading.subject
        let doing = random.some(3, of: reading.topic.doing)
        let first = [
            "There is more to \(subject) than one sees at first.",
            "Some begin by \(doing[0]), others by \(doing[1]), and most by a mistake.",
            random.one(of: reading.topic.lessons),
        ]
        let second = [
            "Whoever stays with it finds a rhythm: a little every day, and now and then a whole "
                + "afternoon of \(doing[2]).",
            random.one(of: Topic.everyday.lessons),
        ]
        return [first, second].map { $0.joined(separator: " ") }.joined(separator: "\n\n")
    }

    private static func opening(
        _ subject: String, _ persona: PersonaFacts, _ random: inout WriterRandom
    ) -> String {
        var choices = [
            "Today was all about this: \(subject).",
            "I promised you a story about \(subject), so here it is.",
            "Let us talk about \(subject).",
            "You asked about \(subject), and I finally have something to say.",
            "A short note on \(subject), written with tired hands and a big smile.",
        ]
        if let city = persona.city {
            choices.append("Good morning from \(city), where everything is about \(subject) today.")
            choices.append("It rained in \(city), which left me no excuse: \(subject) it was.")
        }
        return random.one(of: choices)
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

/// What the instructions say of who speaks: a JSON object behind the word "Persona".
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
            // No facts, then.
        }
    }
}
