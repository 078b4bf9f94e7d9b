/// The backdrop behind the person.
extension PortraitPainter {
    func paintBackdrop(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let ground = drawing.vertical(palette.top, palette.bottom)
        drawing.rectangle(frame.left, frame.top, frame.width, frame.height, ground)
        switch theme.name {
        case "sea":
            paintSun(&random, &drawing)
            paintWaves(&random, &drawing)
        case "mountains":
            paintSun(&random, &drawing)
            paintPeaks(&random, &drawing)
        case "garden":
            paintStage(&random, &drawing)
            paintLeaves(&random, &drawing)
        case "ceramics", "books":
            paintWindow(&random, &drawing)
            paintShelves(&random, &drawing)
        default:
            paintStage(&random, &drawing)
            paintIcons(&random, &drawing)
        }
    }

    private var rightEdge: Double { frame.left + frame.width }
    private var halo: Colour { palette.top.lighter(0.45) }

    private func paintStage(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        switch random.number(in: 0...4) {
        case 0:
            drawing.circle(200, 190, 164, halo, opacity: 0.35)
            drawing.circle(200, 190, 132, halo, opacity: 0.5)
        case 1:
            drawing.path("M70 410L70 186C70 20 330 20 330 186L330 410Z", halo, opacity: 0.45)
            drawing.path(
                "M96 410L96 190C96 52 304 52 304 190L304 410Z", palette.shape, opacity: 0.35)
        case 2:
            drawing.circle(132, 150, 120, palette.shape, opacity: 0.4)
            drawing.circle(268, 214, 128, halo, opacity: 0.45)
        case 3:
            for turn in 0..<12 {
                drawing.group(move: (200, 200), turn: Double(turn) * 30) { drawing in
                    drawing.path("M0 0L-34 -420L34 -420Z", halo, opacity: 0.28)
                }
            }
            drawing.circle(200, 196, 128, palette.shape, opacity: 0.4)
        default:
            drawing.path(
                """
                M\(frame.left) 250C\(frame.left + 60) 150 130 120 210 150C290 180 320 90 \(rightEdge) 120\
                L\(rightEdge) 400L\(frame.left) 400Z
                """, palette.shape, opacity: 0.35)
            drawing.path(
                """
                M\(frame.left) 330C90 240 150 300 220 260C290 220 330 250 \(rightEdge) 210\
                L\(rightEdge) 400L\(frame.left) 400Z
                """, halo, opacity: 0.4)
        }
    }

    private func paintSun(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let x = random.one(of: [92.0, 308, 200])
        let colour = palette.accent.mixed(0xFFF1CC, 0.55)
        drawing.circle(x, 130, 110, drawing.glow(colour, 0.6))
        drawing.circle(x, 130, x == 200 ? 124 : 58, colour, opacity: 0.9)
    }

    private func paintWaves(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        for row in 0..<4 {
            let y = 214 + Double(row) * 44
            let shift = Double(random.number(in: 0...79))
            var wave: PathData = "M\(frame.left - 90 + shift - 80) \(y)"
            for _ in 0..<Int(frame.width / 80 + 4) { wave += "q20 -26 40 0t40 0" }
            wave += "L\(rightEdge + 200) 420L\(frame.left - 200) 420Z"
            drawing.path(wave, palette.bottom.mixed(palette.shape, 0.25 + Double(row) * 0.25))
        }
        for _ in 0..<3 {
            let x = frame.left + Double(random.number(in: 20...Int(frame.width) - 40))
            let y = Double(random.number(in: 36...110))
            drawing.line("M\(x) \(y)q7 -9 14 0q7 -9 14 0", 0xFFFFFF, 3, opacity: 0.9)
        }
    }

    private func paintPeaks(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let far = palette.bottom.mixed(palette.shape, 0.35)
        for (x, y) in [(200, 70), (frame.left + 54, 106.0), (rightEdge - 60, 92)] {
            let lift = Double(random.number(in: -22...22))
            let top = y + lift
            drawing.path("M\(x) \(top)L\(x + 190) 420L\(x - 190) 420Z", far)
            drawing.path(
                "M\(x) \(top)L\(x + 190) 420L\(x + 30) 420L\(x - 12) \(top + 80)Z", palette.shape,
                opacity: 0.55)
            drawing.path(
                "M\(x) \(top)L\(x + 34) \(top + 54)L\(x + 14) \(top + 44)L\(x) \(top + 60)L\(x - 16) \(top + 46)L\(x - 34) \(top + 54)Z",
                palette.top.lighter(0.75))
        }
        drawing.path(
            "M\(frame.left) 300Q100 250 200 300T\(rightEdge) 290L\(rightEdge) 420L\(frame.left) 420Z",
            palette.shape.darker(0.12))
        for x in stride(from: frame.left + 14, through: rightEdge, by: 30) {
            let height = Double(random.number(in: 34...60))
            drawing.path(
                "M\(x) \(306 - height)l13 \(height)h-26ZM\(x) \(290 - height)l9 26h-18Z",
                palette.shape.darker(0.3))
        }
    }

    private func paintLeaves(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let greens = [
            palette.shape, palette.shape.darker(0.22), palette.accent.mixed(palette.shape, 0.4),
        ]
        for side in [-1.0, 1.0] {
            let edge = side < 0 ? frame.left : rightEdge
            for index in 0..<6 {
                let y = 60 + Double(index) * 62
                let length = Double(random.number(in: 84...128)) / 100
                let turn = side * (-66 + Double(index) * 13 + Double(random.number(in: -8...8)))
                let green = greens[index % 3]
                drawing.group(
                    move: (edge - side * 4, y + 40), scale: (length, length),
                    turn: -90 * side - turn * 0.4
                ) { drawing in
                    drawing.path("M0 0C-34 -30 -30 -80 0 -116C30 -80 34 -30 0 0Z", green)
                    drawing.line(
                        "M0 0L0 -100M0 -30l14 -16M0 -30l-14 -16M0 -56l13 -15M0 -56l-13 -15",
                        green.lighter(0.3), 2, opacity: 0.7)
                }
            }
        }
        for _ in 0..<5 {
            let x =
                random.number(in: 0...1) == 0
                ? random.number(in: 20...90) : random.number(in: 310...380)
            paintFlower(Double(x), Double(random.number(in: 50...330)), &drawing)
        }
    }

    private func paintFlower(_ x: Double, _ y: Double, _ drawing: inout SVGDrawing) {
        let petal = palette.cloths[0].luma > 0.4 ? palette.cloths[0] : palette.cloths[3]
        for turn in 0..<5 {
            drawing.group(move: (x, y), turn: Double(turn) * 72) { $0.ellipse(0, -9, 6, 9, petal) }
        }
        drawing.circle(x, y, 5.5, 0xFCEBB6)
    }

    private func paintWindow(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        drawing.path("M84 420L84 176C84 26 316 26 316 176L316 420Z", halo, opacity: 0.6)
        if random.number(in: 0...1) == 0 {
            drawing.line("M200 64L200 420M84 190L316 190", palette.bottom, 5, opacity: 0.6)
        }
    }

    /// Paints shelves with books or pots on both sides.
    private func paintShelves(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let board = palette.accent.luma < 0.5 ? palette.accent : palette.shape.darker(0.35)
        for y in [104.0, 212, 320] {
            for (start, end) in [(frame.left, 92.0), (308.0, rightEdge)] {
                var x = start + 8
                while x < end - 16 {
                    x +=
                        theme.name == "books"
                        ? paintBook(x, y, end, &random, &drawing)
                        : paintPot(x, y, end, &random, &drawing)
                }
                drawing.rectangle(start, y, end - start, 8, board)
                drawing.rectangle(start, y + 8, end - start, 4, board.darker(0.4), opacity: 0.35)
            }
        }
    }

    private func paintBook(
        _ x: Double, _ y: Double, _ end: Double, _ random: inout WriterRandom,
        _ drawing: inout SVGDrawing
    ) -> Double {
        let width = Double(random.number(in: 10...18))
        let height = Double(random.number(in: 48...74))
        let colour = random.one(of: palette.cloths + [palette.shape, palette.accent])
        guard x + width < end - 4 else { return width }
        drawing.rectangle(x, y - height, width - 1.5, height, colour, round: 1.5)
        drawing.rectangle(x, y - height + 9, width - 1.5, 4, colour.lighter(0.5), opacity: 0.8)
        return width
    }

    private func paintPot(
        _ x: Double, _ y: Double, _ end: Double, _ random: inout WriterRandom,
        _ drawing: inout SVGDrawing
    ) -> Double {
        let colour = random.one(of: palette.cloths + [palette.shape, palette.top.lighter(0.5)])
        let width = Double(random.number(in: 24...36))
        let middle = x + width / 2
        guard x + width < end - 2 else { return width }
        let half = width / 2 - 2
        let height = Double(random.number(in: 30...60))
        switch random.number(in: 0...2) {
        case 0:
            drawing.path(
                "M\(middle - 5) \(y - height)h10c0 12 \(half - 2) 14 \(half - 4) \(height * 0.6)q0 \(height * 0.4 - 12) -10 \(height * 0.4 - 12)h\(-2 * half + 18)q-10 0 -10 \(12 - height * 0.4)c0 -20 \(half - 4) -20 \(half - 4) \(-height * 0.6)Z",
                colour)
        case 1:
            drawing.path(
                "M\(middle - half) \(y - height * 0.5)h\(2 * half)C\(middle + half) \(y - 8) \(middle + half * 0.5) \(y) \(middle) \(y)C\(middle - half * 0.5) \(y) \(middle - half) \(y - 8) \(middle - half) \(y - height * 0.5)Z",
                colour)
            drawing.rectangle(middle - half, y - height * 0.5, 2 * half, 5, colour.darker(0.18))
        default:
            drawing.rectangle(
                middle - half * 0.8, y - height * 0.8, half * 1.6, height * 0.8, colour, round: 5)
            drawing.rectangle(
                middle - half * 0.8, y - height * 0.6, half * 1.6, 5, colour.lighter(0.45),
                opacity: 0.8)
        }
        return width
    }

    /// Paints small icons of the person's occupation around the head.
    private func paintIcons(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let bright = palette.top.luma > 0.55
        let colour = bright ? palette.shape.darker(0.1) : palette.shape.lighter(0.35)
        let fading = palette.accent.luma > 0.8 ? 0.75 : 0.25
        let accent = bright ? palette.accent.mixed(palette.shape, fading) : palette.accent
        let places: [(x: Double, y: Double)] = [
            (frame.left + 46, 62), (rightEdge - 50, 56), (frame.left + 40, 176),
            (rightEdge - 42, 172),
            (frame.left + 56, 284), (rightEdge - 54, 280),
        ]
        let start = random.number(in: 0...7)
        for (index, place) in places.enumerated() {
            let x = place.x + Double(random.number(in: -10...10))
            let y = place.y + Double(random.number(in: -12...12))
            let size = Double(random.number(in: 86...112)) / 100
            let turn = Double(random.number(in: -16...16))
            drawing.group(move: (x, y), scale: (size, size), turn: turn, opacity: 0.9) { drawing in
                PortraitIcon.paint(theme.name, start + index, colour, accent, &drawing)
            }
        }
    }
}
