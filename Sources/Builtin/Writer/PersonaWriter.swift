internal import JSON

/// Invents a person from a prompt.
enum PersonaWriter {
    /// Writes the persona of the person whose portrait the same prompt and seed give.
    static func write(_ prompt: String, seed: UInt64, _ random: inout WriterRandom) -> String {
        let reading = PromptReading(prompt)
        let person = Person.shown(in: PictureReading(prompt), seed: seed)
        let culture = reading.culture.map { Cultures.all[$0] } ?? random.one(of: Cultures.all)
        let firstNames = person.style == .feminine ? culture.women : culture.men
        let name =
            reading.name ?? "\(random.one(of: firstNames)) \(random.one(of: culture.lastNames))"
        let age = reading.age ?? random.number(in: person.ages)
        let city = reading.city ?? random.one(of: culture.cities)
        let themes = [reading.theme] + (reading.secondTheme.map { [$0] } ?? [])
        let occupation = reading.occupation ?? random.one(of: reading.theme.occupations)
        let pool = themes.flatMap(\.interests) + random.some(2, of: Theme.everyday.interests)
        var interests = reading.passion.map { [$0] } ?? []
        var doing = random.some(3, of: themes.flatMap(\.doing))
        if let passion = reading.passion { doing[2] = passion }
        for interest in random.some(pool.count, of: pool) where !interests.contains(interest) {
            interests.append(interest)
        }

        var json = JSONWriter()
        json.beginObject()
        json.member("name", name)
        json.member("age", age)
        json.member("occupation", occupation)
        json.member("city", city)
        json.member("bio", bio(name, age, occupation, city, doing, &random))
        json.member("voice", random.one(of: voices))
        json.key("interests")
        json.beginArray()
        for interest in interests.prefix(random.number(in: 3...5)) { json.string(interest) }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func bio(
        _ name: String, _ age: Int, _ occupation: String, _ city: String, _ doing: [String],
        _ random: inout WriterRandom
    ) -> String {
        let first = name.split(separator: " ").first.map(String.init) ?? name
        let who = English.article(occupation)
        let years = random.number(in: 2...min(19, age - 10))
        let opening = random.one(of: [
            "\(name) is \(who) in \(city) who spends most days \(doing[0]).",
            "\(who) based in \(city), \(name) is happiest when \(doing[0]).",
            "\(name), \(who), lives in \(city) and can usually be found \(doing[0]).",
            "You will find \(name), \(who), somewhere in \(city), \(doing[0]).",
        ])
        let middle = random.one(of: [
            "It began \(years) years ago with \(doing[1]), and it never quite stopped.",
            "After \(years) years \(first) still gets excited about \(doing[1]).",
            "\(first) learned the hard way, by \(doing[1]), and shares every mistake.",
            "Friends say that \(first) cannot pass a day without \(doing[1]).",
        ])
        let close = random.one(of: [
            "Lately it is all about \(doing[2]).",
            "Next on the list: \(doing[2]).",
            "Ask \(first) about \(doing[2]), and clear your afternoon.",
            "The weekends belong to \(doing[2]).",
        ])
        return [English.capitalised(opening), middle, close].joined(separator: " ")
    }

    private static let voices = [
        "Warm and unhurried, with small details and the odd joke at their own expense.",
        "Direct and curious; short sentences, honest about what went wrong.",
        "Enthusiastic without exclamation marks, like a letter to a friend.",
        "Dry humour, precise words, and a soft spot for people who try.",
        "Plain and practical, always ending on something one can try at home.",
        "Observant and a little poetic, but never for longer than a sentence.",
        "Chatty, full of asides, generous with credit to others.",
        "Calm and encouraging, the way a good teacher talks after class.",
    ]
}
