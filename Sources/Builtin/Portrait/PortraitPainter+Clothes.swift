extension PortraitPainter {
    /// The outline of shoulders and chest, down to below the picture.
    private var torso: PathData {
        let s = person.shoulders
        return """
            M\(200 - s - 6) 420C\(200 - s - 2) 346 \(200 - s + 12) 314 \(200 - s + 44) 302L160 283Q200 312 240 283\
            L\(200 + s - 44) 302C\(200 + s - 12) 314 \(200 + s + 2) 346 \(200 + s + 6) 420Z
            """
    }

    func paintClothes(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        switch person.top {
        case .tee: paintTee(cloth, &drawing)
        case .stripes:
            paintTee(cloth.luma > 0.6 ? cloth : 0xF5EFE3, &drawing) { drawing in
                let stripe = cloth.luma > 0.6 ? secondCloth : cloth
                for row in 0..<5 {
                    let y = 322 + Double(row) * 21
                    drawing.line("M40 \(y)Q200 \(y + 16) 360 \(y)", stripe, 8)
                }
            }
        case .vneck:
            drawing.path(torso, cloth)
            drawing.path("M160 283L200 338L240 283Q200 300 160 283Z", person.skin)
            drawing.path("M160 283Q200 312 240 283L238 276L162 276Z", person.skin)
            drawing.line("M158 283L200 340L242 283", cloth.darker(0.2), 6)
            paintSleeves(cloth, &drawing)
        case .turtleneck:
            drawing.path(torso, cloth)
            drawing.path("M168 258Q200 272 232 258L240 290Q200 316 160 290Z", cloth.lighter(0.08))
            drawing.line(
                "M180 268l-2 30M193 271l0 32M207 271l0 32M220 268l2 30", cloth.darker(0.18), 2)
            drawing.line("M160 291Q200 316 240 291", cloth.darker(0.25), 2.5)
            paintSleeves(cloth, &drawing)
        case .shirt: paintShirt(&drawing)
        case .hoodie: paintHoodie(&drawing)
        case .blazer: paintJacket(cloth, under: secondCloth, &drawing)
        case .denim: paintJacket(0x5B7FA8, under: cloth, &drawing)
        case .overalls: paintOveralls(&drawing)
        case .sweater: paintSweater(&drawing)
        }
    }

    private func paintTee(
        _ colour: Colour, _ drawing: inout SVGDrawing,
        pattern: (inout SVGDrawing) -> Void = { _ in }
    ) {
        drawing.path(torso, colour)
        drawing.clipped(to: torso, pattern)
        drawing.path("M160 283Q200 330 240 283L238 272L162 272Z", person.skin)
        drawing.path("M172 262Q200 296 228 262L240 283L160 283Z", look.shade, opacity: 0.35)
        drawing.line("M159 284Q200 331 241 284", colour.darker(0.16), 6.5)
        paintSleeves(colour, &drawing)
    }

    /// Paints the folds between chest and arms, and the shadow on the right.
    private func paintSleeves(_ colour: Colour, _ drawing: inout SVGDrawing) {
        let s = person.shoulders
        drawing.line(
            "M\(200 - s + 30) 400q-2 -30 6 -52M\(200 + s - 30) 400q2 -30 -6 -52",
            colour.darker(0.3), 3,
            opacity: 0.55)
        drawing.clipped(to: torso) { drawing in
            drawing.path(
                "M\(200 + s - 40) 296C\(200 + s - 16) 330 \(200 + s - 18) 380 \(200 + s - 30) 420L\(200 + s + 20) 420L\(200 + s + 20) 296Z",
                colour.darker(0.5), opacity: 0.14)
        }
    }

    private func paintShirt(_ drawing: inout SVGDrawing) {
        drawing.path(torso, cloth)
        drawing.path("M160 283L200 322L240 283L236 270L164 270Z", person.skin)
        drawing.path("M172 262Q200 296 228 262L240 283L160 283Z", look.shade, opacity: 0.35)
        paintSleeves(cloth, &drawing)
        drawing.line("M200 322L200 404", cloth.darker(0.2), 2.5)
        for y in [344.0, 374] { drawing.circle(206, y, 2.8, cloth.darker(0.35)) }
        for side in [-1.0, 1.0] {
            drawing.path(
                "M\(200 + side * 34) 266L\(200 + side * 46) 288L\(200 + side * 28) 326L200 320L\(200 + side * 40) 282Z",
                cloth.lighter(0.16))
            drawing.line(
                "M\(200 + side * 46) 288L\(200 + side * 28) 326L200 320", cloth.darker(0.22), 2)
        }
    }

    private func paintHoodie(_ drawing: inout SVGDrawing) {
        drawing.path(torso, cloth)
        paintSleeves(cloth, &drawing)
        drawing.path("M164 276Q200 330 236 276L232 262L168 262Z", person.skin)
        drawing.path("M172 262Q200 296 228 262L240 283L160 283Z", look.shade, opacity: 0.35)
        for side in [-1.0, 1.0] {
            drawing.path(
                """
                M\(200 + side * 30) 248C\(200 + side * 66) 252 \(200 + side * 78) 282 \(200 + side * 70) 304\
                C\(200 + side * 54) 326 \(200 + side * 20) 334 200 330C\(200 + side * 22) 312 \(200 + side * 38) 282 \(200 + side * 30) 248Z
                """, cloth.lighter(0.1))
            drawing.line(
                "M\(200 + side * 30) 250C\(200 + side * 38) 282 \(200 + side * 22) 312 200 330",
                cloth.darker(0.3), 3)
            drawing.line("M\(200 + side * 15) 324L\(200 + side * 17) 362", cloth.lighter(0.6), 3.4)
        }
    }

    private func paintJacket(_ colour: Colour, under: Colour, _ drawing: inout SVGDrawing) {
        paintTee(under, &drawing)
        let s = person.shoulders
        for side in [-1.0, 1.0] {
            func x(_ distance: Double) -> Double { 200 + side * distance }
            drawing.path(
                """
                M\(x(42)) 280L\(x(s - 44)) 300C\(x(s - 8)) 312 \(x(s + 6)) 346 \(x(s + 10)) 420L\(x(14)) 420\
                C\(x(26)) 380 \(x(46)) 320 \(x(42)) 280Z
                """, colour)
            drawing.path(
                "M\(x(42)) 276L\(x(66)) 300L\(x(56)) 322L\(x(68)) 334L\(x(16)) 414C\(x(30)) 372 \(x(48)) 320 \(x(38)) 282Z",
                colour.lighter(0.12))
            drawing.line(
                "M\(x(66)) 300L\(x(56)) 322L\(x(68)) 334L\(x(18)) 412", colour.darker(0.3), 2.4)
            drawing.line(
                "M\(x(s - 28)) 402q\(side * 2) -30 \(side * -5) -50", colour.darker(0.3), 3)
        }
    }

    private func paintOveralls(_ drawing: inout SVGDrawing) {
        let tee: Colour = secondCloth.luma > cloth.luma ? secondCloth : secondCloth.lighter(0.5)
        paintTee(tee, &drawing)
        let bib = cloth.luma > 0.8 ? palette.shape.darker(0.15) : cloth
        for side in [-1.0, 1.0] {
            drawing.path(
                "M\(200 + side * 50) 286L\(200 + side * 74) 294L\(200 + side * 62) 366L\(200 + side * 44) 366Z",
                bib.darker(0.1))
        }
        drawing.rectangle(136, 350, 128, 80, bib, round: 10)
        drawing.line("M144 358L256 358", bib.lighter(0.3), 1.8, opacity: 0.8)
        for x in [147.0, 253] {
            drawing.circle(x, 362, 6, 0xF2D9A0)
            drawing.circle(x, 362, 2.4, 0xB98A4A)
        }
        drawing.rectangle(174, 378, 52, 40, bib.darker(0.12), round: 6)
    }

    private func paintSweater(_ drawing: inout SVGDrawing) {
        paintTee(cloth, &drawing) { drawing in
            let light = cloth.luma > 0.6 ? secondCloth : cloth.lighter(0.65)
            for row in 0..<2 {
                let y = 340 + Double(row) * 36
                var zigzag: PathData = "M40 \(y)"
                for step in 0..<16 { zigzag += "l10 \(step % 2 == 0 ? -10 : 10)l10 0" }
                drawing.line(zigzag, light, 4.5, opacity: 0.9)
                for step in 0..<17 { drawing.circle(48 + Double(step) * 20, y + 14, 2.6, light) }
            }
        }
        drawing.line("M157 288Q200 338 243 288", cloth.darker(0.28), 2.2)
    }
}
