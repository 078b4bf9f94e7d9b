// A portrait is painted in units of 400 by 400, with the face around (200, 165), and then scaled
// into the picture. The backdrop fills the whole picture, however wide or high it is.

/// Paints head and shoulders in a flat style.
struct PortraitPainter {
    /// The visible part, in the portrait's units.
    struct Frame {
        let left: Double
        let top: Double
        let width: Double
        let height: Double
    }

    let person: Person
    let palette: PortraitPalette
    let theme: Theme
    let frame: Frame
    let cloth: Colour
    let secondCloth: Colour
    let look: FaceColours

    static func paint(
        _ prompt: String, seed: UInt64, _ size: (width: Double, height: Double),
        _ random: inout WriterRandom, _ drawing: inout SVGDrawing
    ) {
        let reading = PictureReading(prompt)
        let person = Person.shown(in: reading, seed: seed)
        let palette = PortraitPalette.of(reading.theme, &random)
        let scale = min(size.width, size.height) / 400
        let width = size.width / scale
        let height = size.height / scale
        let cloths = random.some(2, of: palette.cloths)
        let painter = PortraitPainter(
            person: person, palette: palette, theme: reading.theme,
            frame: Frame(left: 200 - width / 2, top: 400 - height, width: width, height: height),
            cloth: cloths[0], secondCloth: cloths[1],
            look: FaceColours(person))
        drawing.group(
            move: (size.width / 2 - 200 * scale, size.height - 400 * scale), scale: (scale, scale)
        ) { drawing in
            painter.paintBackdrop(&random, &drawing)
            painter.paintPerson(&random, &drawing)
        }
    }

    /// Whether the hair or the hat needs more room above.
    private var isTall: Bool {
        if person.hat == .beanie || person.hat == .straw { return true }
        return switch person.hair {
        case .afro, .buns, .topBun: true
        default: false
        }
    }

    private func paintPerson(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let size = isTall ? 1.05 : 1.15
        drawing.group(move: (200, 404), scale: (size, size)) { drawing in
            drawing.group(move: (-200, -400)) { drawing in
                paintHairBehind(&drawing)
                paintNeck(&drawing)
                paintClothes(&random, &drawing)
                paintHead(&random, &drawing)
                paintBeard(&drawing)
                paintMouth(&drawing)
                paintHair(&drawing)
                paintGlasses(&drawing)
                paintEarrings(&drawing)
                paintHat(&drawing)
            }
        }
    }
}

/// The colours of a face, derived from the colours of the person's skin and hair.
struct FaceColours {
    let shade: Colour
    let deepShade: Colour
    let blush: Colour
    let blushing: Double
    let lip: Colour
    let ink: Colour
    let hairLight: Colour
    let hairDark: Colour

    init(_ person: Person) {
        let skin = person.skin
        shade = skin.mixed(0x8A3A2A, 0.2)
        deepShade = skin.luma < 0.42 ? skin.darker(0.5) : skin.mixed(0x5A1E1E, 0.42)
        blush = skin.mixed(0xE8474F, 0.45)
        blushing = skin.luma < 0.42 ? 0.22 : 0.38
        lip = skin.luma < 0.42 ? skin.mixed(0xD8596B, 0.5) : skin.mixed(0xB52F45, 0.55)
        ink = 0x231820
        hairLight = person.hairColour.lighter(person.hairColour.luma < 0.25 ? 0.09 : 0.22)
        hairDark = person.hairColour.darker(0.3)
    }
}
