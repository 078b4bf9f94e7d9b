// A scene is built from back to front: sky, sun or moon, clouds, far things, near things. Each kind
// of place has a few of these layers. The hour of the day gives the colours.

/// Paints places in a flat style.
struct ScenePainter {
    /// The kinds of places that a scene may show.
    enum Place: CaseIterable {
        case sea, mountains, city, forest, field, desert, table
    }

    let width: Double
    let height: Double
    let hour: SceneHour

    static func paint(
        _ prompt: String, _ size: (width: Double, height: Double), _ random: inout WriterRandom,
        _ drawing: inout SVGDrawing
    ) {
        let reading = PictureReading(prompt)
        let place = place(for: reading, &random)
        let hour = SceneHour.of(reading, &random)
        // Lengths are in units of which the height has 768, so that details have the same size in
        // every format.
        let scale = size.height / 768
        let painter = ScenePainter(width: size.width / scale, height: 768, hour: hour)
        drawing.group(scale: (scale, scale)) { drawing in
            painter.paintSky(&random, &drawing)
            switch place {
            case .sea: painter.paintSea(&random, &drawing)
            case .mountains: painter.paintMountains(&random, &drawing)
            case .city: painter.paintCity(&random, &drawing)
            case .forest: painter.paintForest(&random, &drawing)
            case .field: painter.paintField(&random, &drawing)
            case .desert: painter.paintDesert(&random, &drawing)
            case .table: painter.paintTable(&random, &drawing)
            }
        }
    }

    private static func place(
        for reading: PictureReading, _ random: inout WriterRandom
    ) -> Place {
        if reading.mentions(["city", "town", "street", "tram", "rooftop", "market"]) {
            return .city
        }
        if reading.mentions(["desert", "dune", "canyon"]) { return .desert }
        if reading.mentions(["forest", "woods", "moss", "tree"]) { return .forest }
        switch reading.theme.name {
        case "sea": return .sea
        case "mountains", "sport": return .mountains
        case "garden", "animals": return random.one(of: [.field, .forest])
        case "ceramics", "baking", "coffee", "books", "art", "fashion": return .table
        case "technology", "music", "photography": return .city
        case "travel": return random.one(of: [.mountains, .city, .desert, .sea])
        case "science": return random.one(of: [.mountains, .desert, .field])
        default: return random.one(of: Place.allCases)
        }
    }

    // MARK: Sky

    private func paintSky(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let sky = drawing.vertical(hour.top, hour.middle, hour.low)
        drawing.rectangle(0, 0, width, height, sky)
        if hour.isNight {
            for _ in 0..<60 {
                let x = random.part(of: width)
                let y = random.part(of: 420)
                drawing.circle(
                    x, y, 0.8 + random.part(of: 1.6), 0xFFFFFF, opacity: 0.3 + random.part(of: 0.6))
            }
        }
        let x = width * (0.2 + random.part(of: 0.6))
        let y = 150 + random.part(of: 130)
        let glow = drawing.glow(hour.sun, 0.55)
        drawing.circle(x, y, 260, glow)
        if hour.isNight {
            let moon: PathData =
                "M\(x + 2.5) \(y - 43.9)a44 44 0 1 1 -37.4 70.7a40 40 0 1 0 37.4 -70.7Z"
            drawing.path(moon, hour.sun)
        } else {
            drawing.circle(x, y, 58, hour.sun)
        }
        for _ in 0..<(3 + random.number(in: 0...2)) { paintCloud(&random, &drawing) }
        paintSwifts(&random, &drawing)
    }

    private func paintCloud(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let x = random.part(of: width)
        let y = 60 + random.part(of: 240)
        let size = 60 + random.part(of: 90)
        let opacity = hour.isNight ? 0.1 : 0.5 + random.part(of: 0.3)
        drawing.group(opacity: opacity) { drawing in
            drawing.rectangle(x - size, y, size * 2, size * 0.36, hour.cloud, round: size * 0.18)
            drawing.circle(x - size * 0.35, y + size * 0.06, size * 0.34, hour.cloud)
            drawing.circle(x + size * 0.25, y - size * 0.02, size * 0.44, hour.cloud)
        }
    }

    /// Paints swifts in the sky.
    private func paintSwifts(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let x = width * (0.25 + random.part(of: 0.5))
        let y = 120 + random.part(of: 160)
        let ink = hour.near.darker(0.35)
        for _ in 0..<random.number(in: 2...5) {
            let left = x + random.part(of: 260) - 130
            let top = y + random.part(of: 120) - 60
            let size = 9 + random.part(of: 12)
            drawing.path(
                """
                M\(left - size * 1.6) \(top - size * 0.5)Q\(left - size * 0.5) \(top - size * 0.4) \(left) \(top)\
                Q\(left + size * 0.5) \(top - size * 0.4) \(left + size * 1.6) \(top - size * 0.7)\
                Q\(left + size * 0.6) \(top - size * 0.05) \(left + size * 0.16) \(top + size * 0.5)\
                L\(left) \(top + size * 0.34)L\(left - size * 0.2) \(top + size * 0.5)\
                Q\(left - size * 0.6) \(top) \(left - size * 1.6) \(top - size * 0.5)Z
                """, ink, opacity: 0.8)
        }
    }

    // MARK: Layers

    /// Paints hills from one side to the other, which look like mountains when they are rough.
    func ridge(
        base: Double, rise: Double, count: Int, smooth: Bool, _ random: inout WriterRandom
    ) -> PathData {
        var path: PathData = "M0 \(height)L0 \(base)"
        let step = width / Double(count)
        var x = 0.0
        var y = base
        for index in 1...count {
            let isPeak = index.isMultiple(of: 2) != smooth
            let next =
                base
                - (isPeak ? rise * (0.45 + random.part(of: 0.55)) : random.part(of: rise * 0.3))
            let end = Double(index) * step
            if smooth {
                path += "C\(x + step * 0.5) \(y) \(end - step * 0.5) \(next) \(end) \(next)"
            } else {
                path += "L\(end) \(next)"
            }
            (x, y) = (end, next)
        }
        path += "L\(width) \(height)Z"
        return path
    }

    /// Returns the colour of the land at a distance from 0, near, to 1, the horizon.
    func land(_ distance: Double) -> Colour { hour.near.mixed(hour.low, distance * 0.78) }

    private func paintSea(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        drawing.path(ridge(base: 452, rise: 90, count: 6, smooth: true, &random), land(0.8))
        let water = drawing.vertical(
            hour.low.mixed(hour.water, 0.45), hour.water, hour.water.darker(0.25))
        drawing.rectangle(0, 440, width, height - 440, water)
        for index in 0..<26 {
            let y = 452 + Double(index * index) * 0.42
            let length = 30 + random.part(of: 110) * (y / 600)
            let x = random.part(of: width)
            drawing.line("M\(x) \(y)h\(length)", hour.sun.lighter(0.3), 2 + y / 300, opacity: 0.28)
        }
        paintBoat(&random, &drawing)
        for index in 0..<3 {
            let y = 640 + Double(index) * 42
            var wave: PathData = "M-40 \(y)"
            for _ in 0..<Int(width / 80 + 2) { wave += "q20 -16 40 0t40 0" }
            wave += "V\(height)H-40Z"
            drawing.path(wave, hour.water.darker(0.18 + Double(index) * 0.12), opacity: 0.8)
            drawing.line(wave, 0xFFFFFF, 3, opacity: 0.16)
        }
    }

    private func paintBoat(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let x = width * (0.2 + random.part(of: 0.6))
        let y = 500 + random.part(of: 70)
        drawing.group(move: (x, y)) { drawing in
            drawing.path("M-46 0H46L32 22H-30Z", hour.near.darker(0.2))
            drawing.path("M2 -6V-112L58 -6Z", hour.cloud)
            drawing.path("M-6 -6V-88L-40 -6Z", hour.accent)
            drawing.line("M-60 30h110", 0xFFFFFF, 3, opacity: 0.4)
        }
    }

    private func paintMountains(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        drawing.path(ridge(base: 520, rise: 300, count: 8, smooth: false, &random), land(0.95))
        drawing.path(ridge(base: 560, rise: 230, count: 10, smooth: false, &random), land(0.65))
        drawing.path(ridge(base: 620, rise: 150, count: 7, smooth: true, &random), land(0.4))
        drawing.path(ridge(base: 690, rise: 90, count: 6, smooth: true, &random), land(0.15))
        for _ in 0..<14 {
            paintFir(
                random.part(of: width), 700 + random.part(of: 60), 60 + random.part(of: 60), 0.1,
                &drawing)
        }
    }

    private func paintFir(
        _ x: Double, _ y: Double, _ size: Double, _ distance: Double, _ drawing: inout SVGDrawing
    ) {
        let colour = land(distance).darker(0.18)
        drawing.rectangle(
            x - size * 0.04, y - size * 0.2, size * 0.08, size * 0.25, colour.darker(0.3))
        for level in 0..<3 {
            let bottom = y - size * (0.12 + Double(level) * 0.26)
            let half = size * (0.32 - Double(level) * 0.08)
            drawing.path(
                "M\(x - half) \(bottom)L\(x) \(bottom - size * 0.42)L\(x + half) \(bottom)Z", colour
            )
        }
    }

    private func paintForest(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        for (row, distance) in [0.85, 0.6, 0.35, 0.1].enumerated() {
            let base = 540 + Double(row) * 70
            drawing.path(
                ridge(base: base, rise: 50, count: 6, smooth: true, &random), land(distance))
            let size = 110 + Double(row) * 60
            for _ in 0..<(16 - row * 2) {
                paintFir(
                    random.part(of: width), base + 12, size * (0.7 + random.part(of: 0.5)),
                    distance, &drawing)
            }
        }
    }

    private func paintField(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        for (row, distance) in [0.8, 0.5, 0.25, 0.05].enumerated() {
            let base = 500 + Double(row) * 76
            drawing.path(
                ridge(base: base, rise: 70, count: 4, smooth: true, &random), land(distance))
        }
        for _ in 0..<60 {
            let x = random.part(of: width)
            let y = 640 + random.part(of: 120)
            let tall = 18 + random.part(of: 26)
            drawing.line("M\(x) \(y)q4 \(-tall * 0.5) 0 \(-tall)", land(0).darker(0.2), 2.5)
            drawing.circle(
                x, y - tall, 4 + random.part(of: 4),
                random.one(of: [hour.accent, hour.sun, hour.cloud]))
        }
    }

    private func paintDesert(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        let sand: Colour = hour.isNight ? 0x5B4A66 : 0xE3A869
        for (row, part) in [0.7, 0.45, 0.2, 0.0].enumerated() {
            let base = 500 + Double(row) * 74
            let colour = sand.mixed(hour.low, part).darker(Double(row) * 0.06)
            drawing.path(ridge(base: base, rise: 90, count: 4, smooth: true, &random), colour)
        }
        for _ in 0..<4 {
            let x = random.part(of: width)
            let y = 640 + random.part(of: 70)
            let green: Colour = 0x3F7A5A
            drawing.line(
                "M\(x) \(y)v-90M\(x) \(y - 40)h-24v-26M\(x) \(y - 30)h22v-30",
                green.darker(hour.isNight ? 0.4 : 0.1), 15)
        }
    }
}

extension WriterRandom {
    /// Returns a random number from 0 up to, but not including, `whole`.
    mutating func part(of whole: Double) -> Double {
        Double(next() >> 40) / Double(1 << 24) * whole
    }
}
