/// The details of a person's looks that a prompt tells.
struct PromptedLook {
    enum Style { case feminine, masculine }

    private(set) var style: Style?
    /// The range of `Person.skins`.
    private(set) var skin: ClosedRange<Int>?
    private(set) var hairColour: Colour?
    private(set) var hair: [Person.Hair]?
    private(set) var beard: Person.Beard?
    private(set) var hat: Person.Hat?
    private(set) var hasGlasses = false
    private(set) var hasFreckles = false
    private(set) var ages: ClosedRange<Int>?
    /// The clothes that people of this theme like to wear.
    let tops: [Person.Top]
    let hats: [Person.Hat]

    var mayHaveBeard: Bool { (ages ?? Person.grownAges).upperBound > Person.youngAges.upperBound }

    init(_ reading: PictureReading) {
        let clothes = Self.clothes[reading.theme.name]
        tops = clothes?.tops ?? []
        hats = clothes?.hats ?? [.beanie, .cap, .beret]
        let words = reading.words
        for (index, word) in words.enumerated() {
            read(word, next: index + 1 < words.count ? words[index + 1] : "")
        }
        if style == nil, beard != nil { style = .masculine }
        if style == nil, let hair, hair.allSatisfy(Self.feminineHair.contains) { style = .feminine }
        if let age = reading.age { ages = age...age }
        if skin == nil, let culture = reading.culture { skin = Self.skin(in: culture) }
    }

    private mutating func read(_ word: String, next: String) {
        if Self.feminine.contains(word) { style = style ?? .feminine }
        if Self.masculine.contains(word) { style = style ?? .masculine }
        if Self.old.contains(word) { ages = Person.oldAges }
        if Self.young.contains(word) { ages = Person.youngAges }
        if let hair = Self.hairs[word] { self.hair = hair }
        if ["short", "long"].contains(word), next.hasPrefix("hair"), hair == nil {
            hair = word == "short" ? [.cropped, .pixie, .bob] : [.straight, .wavy]
        }
        if let colour = Self.hairColours[word] {
            if colour.isHairAlone || Self.hairNouns.contains(where: next.hasPrefix) {
                hairColour = colour.colour
            }
        }
        switch word {
        case "beard", "bearded": beard = .full
        case "stubble", "unshaven": beard = .stubble
        case "moustache", "mustache": beard = .moustache
        case "goatee": beard = .goatee
        case "glasses", "spectacles", "bespectacled": hasGlasses = true
        case "freckles", "freckled": hasFreckles = true
        case "beanie": hat = .beanie
        case "cap": hat = .cap
        case "beret": hat = .beret
        case "hat", "sunhat": hat = .straw
        case "pale", "fair": if next.hasPrefix("skin") { skin = 0...1 }
        case "dark", "brown": if next.hasPrefix("skin") { skin = 6...9 }
        default: break
        }
    }

    // MARK: - Words

    private static let feminine: Set<String> = [
        "woman", "she", "her", "girl", "female", "mother", "mum", "mom", "grandmother", "grandma",
        "lady", "sister", "daughter", "aunt", "actress", "queen", "waitress", "seamstress", "widow",
    ]

    private static let masculine: Set<String> = [
        "man", "he", "his", "him", "boy", "male", "father", "dad", "grandfather", "grandpa",
        "gentleman", "brother", "son", "uncle", "king", "guy", "waiter", "fisherman", "widower",
    ]

    private static let old: Set<String> = [
        "old", "elderly", "grandmother", "grandfather", "grandma", "grandpa", "retired", "senior",
        "pensioner", "aged",
    ]

    private static let young: Set<String> = [
        "young", "student", "teen", "teenage", "teenager", "girl", "boy",
    ]

    private static let feminineHair: Set<Person.Hair> = [
        .bob, .braids, .buns, .pixie, .ponytail, .scarf, .straight, .wavy,
    ]

    private static let hairs: [String: [Person.Hair]] = [
        "bald": [.bald], "shaved": [.buzzed], "buzzcut": [.buzzed], "bob": [.bob],
        "pixie": [.pixie], "ponytail": [.ponytail], "braid": [.braids], "braids": [.braids],
        "braided": [.braids], "plaits": [.braids], "bun": [.topBun], "buns": [.buns],
        "afro": [.afro], "dreadlocks": [.locs], "locs": [.locs], "quiff": [.quiff],
        "curly": [.curls, .afro], "curls": [.curls], "wavy": [.wavy, .mop], "hijab": [.scarf],
        "headscarf": [.scarf],
    ]

    private static let hairNouns = ["hair", "curl", "braid", "bob", "beard", "locks", "ponytail"]

    private static let hairColours: [String: (colour: Colour, isHairAlone: Bool)] = [
        "blond": (0xDDB068, true), "blonde": (0xDDB068, true), "ginger": (0xB9502C, true),
        "redhead": (0xB9502C, true), "redheaded": (0xB9502C, true), "brunette": (0x4E3226, true),
        "red": (0xB24526, false), "black": (0x231C26, false), "dark": (0x2E2124, false),
        "brown": (0x6F4529, false), "grey": (0xA9A7AD, false), "gray": (0xA9A7AD, false),
        "silver": (0xC4C2C8, false), "white": (0xE8E4DF, false), "pink": (0xDB7F9F, false),
        "blue": (0x4F73B8, false), "green": (0x3F8F6B, false), "purple": (0x8467B8, false),
        "golden": (0xDDB068, false), "fair": (0xDDB068, false), "auburn": (0x8A3D26, false),
    ]

    private static let clothes: [String: (tops: [Person.Top], hats: [Person.Hat])] = [
        "ceramics": ([.overalls, .overalls, .tee, .sweater], [.beanie]),
        "baking": ([.overalls, .overalls, .shirt, .stripes], [.beret]),
        "sea": ([.stripes, .stripes, .tee, .hoodie], [.beanie, .straw, .cap]),
        "technology": ([.hoodie, .hoodie, .tee, .shirt], [.beanie, .cap]),
        "music": ([.denim, .turtleneck, .tee], [.beret, .beanie]),
        "travel": ([.denim, .hoodie, .tee], [.straw, .cap]),
        "garden": ([.overalls, .overalls, .shirt], [.straw]),
        "sport": ([.tee, .hoodie, .vneck], [.cap]),
        "books": ([.sweater, .turtleneck, .shirt, .blazer], [.beret]),
        "mountains": ([.sweater, .hoodie, .denim], [.beanie]),
        "art": ([.turtleneck, .overalls, .stripes], [.beret]),
        "animals": ([.sweater, .denim, .shirt], [.cap]),
        "coffee": ([.overalls, .shirt, .tee], [.beanie]),
        "science": ([.blazer, .shirt, .turtleneck], [.beanie]),
        "fashion": ([.blazer, .turtleneck, .vneck], [.beret]),
        "photography": ([.denim, .turtleneck, .hoodie], [.beanie, .cap]),
    ]

    /// Returns the likely skins in a culture; `nil` where every skin is likely.
    private static func skin(in culture: Int) -> ClosedRange<Int>? {
        let cities = Set(Cultures.all[culture].cities)
        if cities.contains("Lagos") { return 6...9 }
        if cities.contains("Mumbai") { return 4...7 }
        if cities.contains("Istanbul") || cities.contains("Madrid") { return 1...5 }
        if cities.contains("Tokyo") || cities.contains("Seoul") { return 0...3 }
        if cities.contains("Oslo") { return 0...3 }
        return nil
    }
}
