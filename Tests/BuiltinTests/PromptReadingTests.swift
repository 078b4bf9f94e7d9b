import Testing

@testable import Builtin

@Suite(.timeLimit(.minutes(5)))
struct `What the built-in writer reads in a prompt` {
    @Test(arguments: [
        ("the U.S. elections", "the U.S. elections"),
        ("Tell us about Dr. Dre's new album. It is out!", "Dr. Dre's new album"),
        ("looking at Earth from 400.5 km", "looking at Earth from 400.5 km"),
        ("coffee vs. tea, again", "coffee vs. tea"),
        ("a trip to the U.S.", "a trip to the U.S."),
        ("Road trip. We went to a farm.", "road trip"),
        ("TikTok dancers", "TikTok dancers"),
        ("iPhone photos", "iPhone photos"),
        ("New York in spring", "New York in spring"),
        ("I'm moving out", "I'm moving out"),
        ("The Beatles", "the Beatles"),
        ("How to pack for Iceland", "how to pack for Iceland"),
        ("\"Blade Runner\" once more", "Blade Runner"),
        ("???", ""),
    ])
    func `takes the first clause as the subject, with its capitals and its stops`(
        prompt: String, subject: String
    ) {
        #expect(PromptReading(prompt).subject == subject)
    }

    @Test(arguments: [
        ("a woman with red hair", nil),
        ("the barista next door", "barista"),
        ("a beautiful blonde woman", nil),
        ("a young man with glasses who loves chess", nil),
        ("someone who collects stamps", nil),
        ("TikTok dancer", "TikTok dancer"),
        ("a 28 year old nurse from Manila", "nurse"),
        ("an old sailor named Jon Pike", "sailor"),
        ("a retired engineer", "retired engineer"),
        ("a vegan chef, 30", "vegan chef"),
        ("a tall, red-haired woman", nil),
        ("Norwegian fisherman", "Norwegian fisherman"),
        ("a Ph.D. student", "Ph.D student"),
    ])
    func `takes what someone does for the occupation, and not that it is a person`(
        prompt: String, occupation: String?
    ) {
        #expect(PromptReading(prompt).occupation == occupation)
    }

    @Test(arguments: [
        ("a 70-year-old grandmother", 70), ("28 years old, from Rome", 28), ("a DJ, 25", 25),
        ("a nurse aged 40", 40), ("a teacher for 20 years", nil), ("a child, 4 years old", nil),
    ])
    func `takes an age from the prompt`(prompt: String, age: Int?) {
        #expect(PromptReading(prompt).age == age)
    }

    @Test func `keeps a place apart from what comes behind a mark`() {
        #expect(PromptReading("a chef from Berlin, Germany").city == "Berlin")
        #expect(PromptReading("a chef from St. Louis. Loves dogs").city == "St Louis")
    }

    @Test func `hears of what someone likes, and of the last thing someone does`() {
        let reading = PromptReading("a ceramic artist from Lisbon who surfs and loves old maps")
        #expect(reading.passion == "old maps")
        #expect(reading.secondTheme == .sea)
        #expect(PromptReading("two sisters who run a bakery").theme == .baking)
    }
}
