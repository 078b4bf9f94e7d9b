/// The looks of a painted person, which the prompt tells in part and chance completes.
struct Person {
    enum Hair: CaseIterable {
        case cropped, buzzed, quiff, mop, pixie, afro, straight, wavy, bob, topBun, ponytail
        case braids, curls, locs, buns, bald, scarf
    }

    enum Beard { case none, stubble, full, goatee, moustache }
    enum Glasses { case none, round, square, cat }
    enum Hat { case none, beanie, cap, beret, straw }
    enum Top: CaseIterable {
        case tee, vneck, turtleneck, shirt, hoodie, blazer, overalls, stripes, sweater, denim
    }
    enum Ears { case none, studs, hoops, drops }
    enum Mouth: CaseIterable { case smile, grin, lips, smirk }
    enum Eyes: CaseIterable { case round, almond, laughing }
    enum Nose: CaseIterable { case line, button, long }

    let style: PromptedLook.Style
    /// The possible ages of the person in years.
    let ages: ClosedRange<Int>
    var skin: Colour
    var hairColour: Colour
    var hair: Hair
    var beard = Beard.none
    var glasses = Glasses.none
    var hat = Hat.none
    var top: Top
    var ears = Ears.none
    var mouth: Mouth
    var eyes: Eyes
    var nose: Nose
    var hasLashes = false
    var hasFreckles = false
    /// Half of the face's width at the cheeks.
    var cheek: Double
    /// The width of the jaw, from pointed to square.
    var jaw: Double
    var chin: Double
    /// Half of the shoulders' width.
    var shoulders: Double

    var isOld: Bool { ages.lowerBound > 60 }
}

extension Person {
    /// The skins, from the lightest to the darkest.
    static let skins: [Colour] = [
        0xFCE0CC, 0xF8D2B3, 0xF2C29B, 0xE6AD80, 0xD69A6A, 0xC08253, 0xA86E46, 0x91593A,
        0x7B4A32, 0x67402D,
    ]

    static let darkHair: [Colour] = [0x231C26, 0x2E2124, 0x3D2823, 0x4E3226]
    static let lightHair: [Colour] = [0x6F4529, 0x8C5A35, 0xB07A45, 0xD9AA62, 0xB9502C, 0xE6CC98]
    static let dyedHair: [Colour] = [0xDB7F9F, 0x4F73B8, 0x2F8F8B, 0x8467B8]
    static let greyHair: [Colour] = [0xB4B2B8, 0x8F8D96, 0xE8E4DF, 0xD3CFCC]

    static let youngAges = 18...27
    static let grownAges = 23...58
    static let oldAges = 64...81

    /// Returns the person of a prompt and seed, the same one for a portrait and for a persona.
    static func shown(in reading: PictureReading, seed: UInt64) -> Person {
        var random = WriterRandom(reading.words.joined(separator: " "), seed: seed)
        return Person(PromptedLook(reading), &random)
    }

    private init(_ look: PromptedLook, _ random: inout WriterRandom) {
        style = look.style ?? random.one(of: [.feminine, .masculine])
        let tones = look.skin ?? 0...9
        let tone = random.number(in: tones)
        skin = Self.skins[tone]
        ages = look.ages ?? (random.number(in: 0...7) == 0 ? Self.oldAges : Self.grownAges)
        let isOld = ages.lowerBound > 60

        var colours = Self.darkHair
        if tone < 5 { colours += Self.lightHair }
        if tone < 3 { colours += Self.lightHair }
        hairColour = random.one(of: isOld ? Self.greyHair : colours)
        if random.number(in: 0...13) == 0, !isOld { hairColour = random.one(of: Self.dyedHair) }
        if let told = look.hairColour { hairColour = told }

        hair = random.one(of: Self.hair(style, tone: tone))
        if isOld, style == .masculine, random.number(in: 0...2) == 0 { hair = .bald }
        if let told = look.hair { hair = random.one(of: told) }

        top = random.one(of: look.tops + look.tops + Top.allCases)
        mouth = random.one(of: [.smile, .smile, .grin, .grin, .lips, .smirk])
        if style == .masculine, mouth == .lips { mouth = .smile }
        eyes = random.one(of: [.round, .round, .round, .almond, .almond, .laughing])
        // Round eyes have no white and would hardly be visible on dark skin.
        if tone > 6, eyes == .round { eyes = .almond }
        nose = random.one(of: Nose.allCases)
        cheek = Double(random.number(in: 54...61))
        jaw = Double(style == .masculine ? random.number(in: 36...47) : random.number(in: 28...38))
        chin = Double(random.number(in: 234...243))
        shoulders =
            Double(
                style == .masculine ? random.number(in: 128...144) : random.number(in: 108...124))
        hasLashes = style == .feminine && random.number(in: 0...3) > 0
        hasFreckles = look.hasFreckles || (tone < 5 && random.number(in: 0...6) == 0)
        addExtras(look, &random)
    }

    private mutating func addExtras(_ look: PromptedLook, _ random: inout WriterRandom) {
        if style == .masculine, look.mayHaveBeard {
            beard = random.one(of: [.none, .none, .stubble, .full, .full, .goatee, .moustache])
        }
        if let told = look.beard { beard = told }
        if look.hasGlasses || random.number(in: 0...3) == 0 {
            let cat: Glasses = style == .feminine ? .cat : .square
            glasses = random.one(of: [.round, .round, .square, cat])
            if eyes == .laughing { eyes = .round }
        }
        if style == .feminine, hair != .scarf {
            ears = random.one(of: [.none, .studs, .hoops, .drops])
        } else if random.number(in: 0...7) == 0, hair != .scarf {
            ears = .studs
        }
        if let told = look.hat {
            hat = told
        } else if random.number(in: 0...8) == 0 {
            hat = random.one(of: look.hats)
        }
        if hat != .none { makeRoomForHat(isTold: look.hat != nil) }
    }

    /// Changes the hair, or takes off the hat, if the hat does not fit over the hair.
    private mutating func makeRoomForHat(isTold: Bool) {
        switch hair {
        case .afro, .topBun, .buns, .scarf, .quiff:
            if isTold {
                hair = style == .masculine ? .mop : hair == .afro ? .curls : .straight
            } else {
                hat = .none
            }
        default: break
        }
    }

    private static func hair(_ style: PromptedLook.Style, tone: Int) -> [Hair] {
        switch style {
        case .feminine:
            var styles: [Hair] = [
                .straight, .straight, .wavy, .wavy, .bob, .bob, .topBun, .ponytail, .braids,
                .curls, .pixie, .buns,
            ]
            if tone > 4 { styles += [.afro, .afro, .curls, .locs, .braids] }
            return styles
        case .masculine:
            var styles: [Hair] = [
                .cropped, .cropped, .cropped, .quiff, .quiff, .mop, .mop, .buzzed, .bald, .topBun,
            ]
            if tone > 4 { styles += [.buzzed, .buzzed, .afro, .locs] }
            return styles
        }
    }
}
