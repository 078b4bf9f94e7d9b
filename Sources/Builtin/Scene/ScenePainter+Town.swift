// Paints places with people: streets, and a table at a window with pots on it.

extension ScenePainter {
    func paintCity(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        for (row, distance) in [0.75, 0.45, 0.12].enumerated() {
            var x = -20.0
            while x < width {
                let wide = 54 + random.part(of: 60)
                let tall = 150 + random.part(of: 210) - Double(row) * 40
                let top = 700 + Double(row) * 30 - tall
                let colour = land(distance)
                drawing.rectangle(x, top, wide, height - top, colour)
                if random.number(in: 0...3) == 0 {
                    drawing.path(
                        "M\(x) \(top)L\(x + wide / 2) \(top - 34)L\(x + wide) \(top)Z", colour)
                }
                paintWindows(x, top, wide, row, &random, &drawing)
                x += wide + random.part(of: 10)
            }
        }
        drawing.rectangle(0, 738, width, 30, land(0).darker(0.3))
    }

    private func paintWindows(
        _ x: Double, _ top: Double, _ wide: Double, _ row: Int, _ random: inout WriterRandom,
        _ drawing: inout SVGDrawing
    ) {
        guard row > 0 else { return }
        let lit = hour.isNight || hour.isEvening ? hour.sun : hour.cloud
        // All windows of a house are one path, because a city at night has hundreds.
        var windows: PathData = ""
        for column in 0..<Int(wide / 18) {
            for line in 0..<6 where random.number(in: 0...(hour.isNight ? 1 : 3)) == 0 {
                let left = x + 8 + Double(column) * 18
                windows += "M\(left) \(top + 16 + Double(line) * 26)h8v12h-8Z"
            }
        }
        drawing.path(windows, lit, opacity: 0.75)
    }

    /// Paints a table at a window, with pots on it.
    func paintTable(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        drawing.path(ridge(base: 470, rise: 120, count: 5, smooth: true, &random), land(0.7))
        drawing.path(ridge(base: 520, rise: 70, count: 4, smooth: true, &random), land(0.4))
        let frame = hour.near.darker(0.3)
        let wall = hour.cloud.mixed(hour.accent, 0.16).darker(hour.isNight ? 0.55 : 0.06)
        // The wall around the window, as one shape with a hole.
        let (left, right) = (width * 0.12, width * 0.88)
        drawing.path(
            "M0 0H\(width)V\(height)H0ZM\(left) 70V560H\(right)V70Z", wall, evenOdd: true)
        drawing.line(
            "M\(left) 70H\(right)V560H\(left)ZM\(width / 2) 70V560M\(left) 300H\(right)", frame, 12)
        let wood = drawing.vertical(hour.accent.darker(0.35), hour.accent.darker(0.55))
        drawing.rectangle(0, 600, width, 168, wood)
        drawing.rectangle(0, 600, width, 10, hour.accent.lighter(0.15), opacity: 0.5)
        let glazes: [Colour] = [0x2F6F8F, 0xC65D3B, 0xE9E0CF, 0x5B7F63, 0x3B3A4A, 0xD9A441]
        var x = width * 0.1
        while x < width * 0.9 {
            let size = 60 + random.part(of: 70)
            paintPot(
                x + size / 2, 604 + random.part(of: 40), size, random.one(of: glazes), &random,
                &drawing)
            x += size + 16 + random.part(of: 50)
        }
    }

    private func paintPot(
        _ x: Double, _ y: Double, _ size: Double, _ colour: Colour, _ random: inout WriterRandom,
        _ drawing: inout SVGDrawing
    ) {
        drawing.ellipse(x, y, size * 0.5, size * 0.09, 0x1C142E, opacity: 0.25)
        let tall = size * (0.5 + random.part(of: 0.9))
        let neck = size * (0.14 + random.part(of: 0.28))
        drawing.path(
            """
            M\(x - size * 0.24) \(y)C\(x - size * 0.66) \(y - tall * 0.4) \(x - neck) \(y - tall * 0.7) \(x - neck) \
            \(y - tall)H\(x + neck)C\(x + neck) \(y - tall * 0.7) \(x + size * 0.66) \(y - tall * 0.4) \
            \(x + size * 0.24) \(y)Z
            """, colour)
        drawing.ellipse(x, y - tall, neck, neck * 0.24, colour.darker(0.35))
        drawing.line(
            "M\(x - size * 0.3) \(y - tall * 0.3)q\(-size * 0.06) \(-tall * 0.2) \(size * 0.1) \(-tall * 0.42)",
            0xFFFFFF, 4, opacity: 0.28)
        guard random.number(in: 0...2) == 0 else { return }
        for lean in [-0.5, 0, 0.5] {
            drawing.line(
                "M\(x) \(y - tall)q\(lean * 30) -40 \(lean * 90) \(-size * 0.9)", 0x4F7A52, 4)
            drawing.circle(x + lean * 90, y - tall - size * 0.9, 9, hour.sun)
        }
    }
}
