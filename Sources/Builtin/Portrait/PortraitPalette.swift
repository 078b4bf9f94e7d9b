/// Colours for a portrait that go together.
struct PortraitPalette {
    /// The background, from the top to the bottom.
    let top: Colour
    let bottom: Colour
    /// Large shapes behind the head.
    let shape: Colour
    /// The colour of what stands out in the background.
    let accent: Colour
    /// The possible colours of the clothes.
    let cloths: [Colour]

    private init(
        _ top: Colour, _ bottom: Colour, _ shape: Colour, _ accent: Colour, _ cloths: [Colour]
    ) {
        self.top = top
        self.bottom = bottom
        self.shape = shape
        self.accent = accent
        self.cloths = cloths
    }

    static func of(_ theme: Theme, _ random: inout WriterRandom) -> PortraitPalette {
        let liked = liking[theme.name] ?? []
        // In two of three cases, a palette that suits the theme.
        if !liked.isEmpty, random.number(in: 0...2) > 0 { return random.one(of: liked) }
        return random.one(of: all)
    }

    private static let lagoon = PortraitPalette(
        0xD2EDEC, 0x86C5CF, 0x4FA3B5, 0xF7E2A9, [0x23476B, 0xF4EFE3, 0xE0705A, 0xF2B84B])
    private static let terracotta = PortraitPalette(
        0xF9E4D2, 0xEDB594, 0xD98760, 0x8E4A35, [0x3C5A58, 0xF1E8DA, 0x2F4560, 0x7A8F6A])
    private static let sage = PortraitPalette(
        0xE6EEDA, 0xB5CCA3, 0x7FA67C, 0x3E6B57, [0xD9764F, 0xF5EDDD, 0x2C4A5A, 0xE8B657])
    private static let lilac = PortraitPalette(
        0xECE5F8, 0xBFB1E4, 0x9784D1, 0xF7CBA4, [0x3B3561, 0xF5D08A, 0xE8887B, 0xF6F1FA])
    private static let sunset = PortraitPalette(
        0xFDE3B8, 0xF49C83, 0xE9706B, 0xFFF0BF, [0x2C3A63, 0xF9F1E3, 0x7C3F58, 0x2F7C7A])
    private static let midnight = PortraitPalette(
        0x3A4676, 0x1F2549, 0x5468AE, 0x67D3C1, [0xE8EAF2, 0xF2A65A, 0x4FB9AB, 0xE8778A])
    private static let mustard = PortraitPalette(
        0xFCEDC0, 0xF2C463, 0xE6A33C, 0xFFFAEA, [0x33506D, 0xFBF6EA, 0xA5453B, 0x3F6B5C])
    private static let rose = PortraitPalette(
        0xFCE4E4, 0xF1AFB3, 0xDB7A86, 0xFFF3DC, [0x39466B, 0xFBF3EA, 0x8A3A50, 0x3F7A78])
    private static let mint = PortraitPalette(
        0xDDF4E9, 0x99D4BF, 0x59AE97, 0xF9D9A0, [0x2B4A55, 0xFBF5E8, 0xE98468, 0x5B4A78])
    private static let sky = PortraitPalette(
        0xE0EFFC, 0x9DC5EE, 0x6A9DD8, 0xFBE3A6, [0x2F3E66, 0xF7F3EA, 0xE6694F, 0xF1BC4E])
    private static let latte = PortraitPalette(
        0xF2E6D7, 0xCFAE8C, 0xA97C56, 0x6B4632, [0x2F4B45, 0xF8F0E3, 0xB5523C, 0x3A4560])
    private static let dusk = PortraitPalette(
        0xE3E3EF, 0xB2B5D3, 0x8488B6, 0xF4C08A, [0x333859, 0xF6F1E8, 0xC85F5B, 0x4C7D77])
    private static let plum = PortraitPalette(
        0x8B4A6B, 0x56284F, 0xB2668A, 0xF6C177, [0xF6E7D8, 0xE79A4F, 0x3C8C88, 0xF0B3BE])
    private static let forest = PortraitPalette(
        0x3F7565, 0x1F4A45, 0x5C9A80, 0xF3CE86, [0xF4E9D6, 0xD97B4D, 0x1F2F45, 0xE7B95A])

    private static let all = [
        lagoon, terracotta, sage, lilac, sunset, midnight, mustard, rose, mint, sky, latte, dusk,
        plum, forest,
    ]

    private static let liking: [String: [PortraitPalette]] = [
        "ceramics": [terracotta, latte, sage], "baking": [mustard, latte, rose],
        "sea": [lagoon, sky, mint], "technology": [midnight, lilac, dusk],
        "music": [plum, sunset, lilac], "travel": [sky, sunset, mustard],
        "garden": [sage, mint, forest], "sport": [sky, mint, sunset],
        "books": [forest, latte, dusk], "mountains": [dusk, sky, forest],
        "art": [rose, mustard, lilac], "animals": [mint, sage, mustard],
        "coffee": [latte, terracotta, forest], "science": [midnight, dusk, lagoon],
        "fashion": [rose, plum, lilac], "photography": [dusk, midnight, mustard],
    ]
}
