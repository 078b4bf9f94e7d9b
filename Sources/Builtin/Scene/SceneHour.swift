/// The colours of an hour of the day.
struct SceneHour {
    let top: Colour
    let middle: Colour
    let low: Colour
    let sun: Colour
    let cloud: Colour
    let near: Colour
    let water: Colour
    let accent: Colour
    var isNight = false
    var isEvening = false

    static func of(_ reading: PictureReading, _ random: inout WriterRandom) -> SceneHour {
        if reading.mentions(["night", "midnight", "moon", "star", "dark"]) { return night }
        if reading.mentions(["morning", "sunrise", "dawn", "breakfast"]) { return dawns[0] }
        if reading.mentions(["evening", "sunset", "dusk"]) { return evenings[0] }
        return random.one(of: days + dawns + evenings + [night])
    }

    private static let days = [
        SceneHour(
            top: 0x3F8FD2, middle: 0x8CC7EE, low: 0xE6F3F5, sun: 0xFFF3C4, cloud: 0xFFFFFF,
            near: 0x2F6B57,
            water: 0x2E86AB, accent: 0xE4775A),
        SceneHour(
            top: 0x5AA9C9, middle: 0xA9DAD6, low: 0xF6F1DE, sun: 0xFFE9A8, cloud: 0xFFFDF5,
            near: 0x4C7A3D,
            water: 0x3A9D9D, accent: 0xD98841),
        SceneHour(
            top: 0x7C9EC9, middle: 0xB9CBE3, low: 0xF1ECEC, sun: 0xFFF7E0, cloud: 0xFFFFFF,
            near: 0x46617A,
            water: 0x4F7FA8, accent: 0xC9705F),
    ]

    private static let dawns = [
        SceneHour(
            top: 0x6C7FC4, middle: 0xF2B5A7, low: 0xFDE7C8, sun: 0xFFF0C9, cloud: 0xFFE3DA,
            near: 0x5A5A8C,
            water: 0x7A7FB5, accent: 0xE38B75, isEvening: true),
        SceneHour(
            top: 0x8FB8C9, middle: 0xF4D5B6, low: 0xFBF0DC, sun: 0xFFE2A0, cloud: 0xFFF6EA,
            near: 0x5E7F74,
            water: 0x6FA3A8, accent: 0xD98C5F),
    ]

    private static let evenings = [
        SceneHour(
            top: 0x3B3A7A, middle: 0xC7587A, low: 0xF9B76B, sun: 0xFFD98A, cloud: 0xF2A28E,
            near: 0x3A2B52,
            water: 0x6A3F78, accent: 0xE8704F, isEvening: true),
        SceneHour(
            top: 0x26547C, middle: 0xEF8D6B, low: 0xFFD9A0, sun: 0xFFE6B0, cloud: 0xF6BFA3,
            near: 0x2B3F58,
            water: 0x3E6C8C, accent: 0xD9573F, isEvening: true),
    ]

    private static let night = SceneHour(
        top: 0x0F1533, middle: 0x232C5B, low: 0x4A4B86, sun: 0xF6E7B8, cloud: 0xC9CCEF,
        near: 0x141A3A,
        water: 0x1D2A57, accent: 0xC27B5A, isNight: true)
}
