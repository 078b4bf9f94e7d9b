extension PortraitPainter {
    func paintGlasses(_ drawing: inout SVGDrawing) {
        let frame =
            person.skin.luma < 0.35 ? 0xE9C46A : (cloth.luma < 0.45 ? cloth.darker(0.3) : 0x3A2A33)
        let lenses: [PathData]
        switch person.glasses {
        case .none: return
        case .round:
            lenses = [176, 224].map { x in
                "M\(x - 19) 168a19 19 0 1 1 38 0a19 19 0 1 1 -38 0Z"
            }
        case .square:
            lenses = [156, 204].map { x in
                "M\(x + 6) 153h28q6 0 6 6v14q0 10 -10 10h-20q-10 0 -10 -10v-14q0 -6 6 -6Z"
            }
        case .cat:
            lenses = [-1.0, 1.0].map { side in
                """
                M\(200 + side * 6) 160Q\(200 + side * 24) 150 \(200 + side * 48) 149Q\(200 + side * 46) 184\
                 \(200 + side * 24) 184Q\(200 + side * 8) 183 \(200 + side * 6) 160Z
                """
            }
        }
        for lens in lenses {
            drawing.path(lens, 0xFFFFFF, opacity: 0.2)
            drawing.line(lens, frame, 3.6)
        }
        drawing.line(
            "M194 164Q200 160 206 164M157 163L\(left - 2) 166M243 163L\(right + 2) 166", frame, 3.6)
        drawing.line("M167 160l8 -6M215 160l8 -6", 0xFFFFFF, 2.4, opacity: 0.6)
    }

    func paintEarrings(_ drawing: inout SVGDrawing) {
        // Long hair covers the ears.
        switch person.hair {
        case .straight, .wavy, .bob, .curls, .braids: return
        default: break
        }
        let gold: Colour = 0xEFC15C
        for x in [left - 3, right + 3] {
            switch person.ears {
            case .none: break
            case .studs: drawing.circle(x, 188, 3.6, gold)
            case .hoops: drawing.ring(x, 200, 12, gold, 3.2)
            case .drops:
                drawing.line("M\(x) 187l0 12", gold, 2.2)
                drawing.circle(
                    x, 205, 6.4, palette.accent.luma > 0.8 ? palette.shape : palette.accent)
            }
        }
    }

    func paintHat(_ drawing: inout SVGDrawing) {
        let (l, r) = (left, right)
        let colour = secondCloth.luma > 0.85 ? palette.shape.darker(0.1) : secondCloth
        switch person.hat {
        case .none: break
        case .beanie:
            drawing.circle(200, 36, 15, colour.lighter(0.35))
            drawing.path(
                "M\(l - 10) 124C\(l - 12) 62 156 38 200 38C244 38 \(r + 12) 62 \(r + 10) 124Z",
                colour)
            drawing.line(
                "M168 96C170 72 176 56 184 48M200 98L200 46M232 96C230 72 224 56 216 48",
                colour.darker(0.2), 3, opacity: 0.6)
            drawing.rectangle(
                l - 14, 100, r - l + 28, 30, colour.lighter(0.16), round: 12)
            for x in stride(from: l, through: r, by: 14) {
                drawing.line("M\(x) 106l0 18", colour.darker(0.2), 2.4, opacity: 0.5)
            }
        case .cap:
            drawing.path(
                "M\(l - 7) 126C\(l - 9) 66 158 46 200 46C242 46 \(r + 9) 66 \(r + 7) 126Z", colour)
            drawing.line(
                "M200 48L200 116M160 60C154 80 152 100 152 118M240 60C246 80 248 100 248 118",
                colour.darker(0.22), 2, opacity: 0.7)
            drawing.path(
                "M\(l - 8) 122C160 104 240 104 \(r + 8) 122C\(r + 26) 134 \(r + 10) 142 \(r - 8) 136C230 126 170 126 \(l + 8) 136C\(l - 10) 142 \(l - 26) 134 \(l - 8) 122Z",
                colour.darker(0.18))
            drawing.circle(200, 47, 5, colour.darker(0.2))
            drawing.circle(200, 86, 12, colour.lighter(0.5))
        case .beret:
            drawing.path(
                """
                M\(l + 2) 118C\(l - 40) 96 \(l - 14) 50 186 44C246 36 \(r + 26) 70 \(r + 6) 112\
                C232 96 176 100 \(l + 2) 118Z
                """, colour)
            drawing.line("M\(l + 2) 118C176 100 232 96 \(r + 6) 112", colour.darker(0.3), 6)
            drawing.line("M192 44q0 -10 7 -13", colour, 6)
            drawing.line(
                "M\(l - 4) 84C\(l + 16) 64 172 58 190 57", colour.lighter(0.35), 4, opacity: 0.6)
        case .straw:
            let straw: Colour = 0xEBCB8B
            drawing.ellipse(200, 112, 118, 24, straw)
            drawing.ellipse(200, 116, 100, 16, straw.darker(0.22))
            drawing.path(
                "M146 112C142 58 164 40 200 40C236 40 258 58 254 112Q200 128 146 112Z", straw)
            drawing.path(
                "M146 112Q200 128 254 112L255 92Q200 110 145 92Z",
                colour.luma > 0.75 ? palette.shape : colour)
            drawing.line(
                "M166 60C176 52 190 50 204 50M162 76C170 70 184 66 196 66", straw.lighter(0.5), 3)
        }
    }
}
