/// Hair that lies on the head and in front of the shoulders.
extension PortraitPainter {
    func paintHair(_ drawing: inout SVGDrawing) {
        let hair = person.hairColour
        switch person.hair {
        case .bald:
            if person.isOld { paintSides(&drawing) }
            drawing.line("M176 100q14 -8 32 -7", 0xFFFFFF, 4, opacity: 0.3)
        case .afro:
            for (x, y, radius) in Self.hairlineCurls { drawing.circle(x, y, radius, hair) }
            drawing.line(
                "M140 82q14 -22 40 -28M128 112q2 -12 8 -20", look.hairLight, 5, opacity: 0.5)
        case .curls:
            for (x, y, radius) in Self.hairlineCurls { drawing.circle(x, y, radius, hair) }
            for (x, y) in [(134, 112), (156, 84), (196, 70), (240, 82), (262, 114)] {
                drawing.line(
                    "M\(Double(x) - 8) \(Double(y))q3 -10 13 -9", look.hairLight, 3.4, opacity: 0.6)
            }
        case .scarf: paintScarf(&drawing)
        case .quiff:
            paintSides(&drawing)
            drawing.path(hairOnTop, hair)
            drawing.line(
                "M168 104C160 84 172 66 200 62M192 104C186 86 198 74 222 68M218 106C216 92 226 82 244 78",
                look.hairLight, 3, opacity: 0.65)
        case .straight, .wavy: paintLocks(&drawing)
        case .braids:
            drawing.path(hairOnTop, hair)
            paintStrands(&drawing)
            for side in [-1.0, 1.0] { paintBraid(side, &drawing) }
        case .locs:
            drawing.path(hairOnTop, hair)
            for (index, x) in [150.0, 172, 194, 216, 238].enumerated() {
                drawing.line(
                    "M\(x) 74C\(x - 16) 92 \(x - 18) 104 \(x - 14) \(118.0 + Double(index % 2) * 8)",
                    look.hairLight, 3, opacity: 0.55)
            }
        default:
            drawing.path(hairOnTop, hair, opacity: person.hair == .buzzed ? 0.88 : 1)
            paintStrands(&drawing)
        }
    }

    /// Paints the shadow of the hair on the forehead.
    func paintShadowOfHair(_ drawing: inout SVGDrawing) {
        switch person.hair {
        case .bald, .buzzed, .scarf: break
        case .afro, .curls:
            for (x, y, radius) in Self.hairlineCurls {
                drawing.circle(x + 2, y + 8, radius, look.shade, opacity: 0.6)
            }
        case .straight, .wavy:
            drawing.group(move: (2, 8), opacity: 0.6) { drawing in
                for side in [-1.0, 1.0] { drawing.path(lock(side), look.shade) }
            }
        default:
            drawing.group(move: (2, 8), opacity: 0.6) { $0.path(hairOnTop, look.shade) }
        }
    }

    /// The outline of the hair on top of the head.
    private var hairOnTop: PathData {
        let (l, r) = (left, right)
        let crown: PathData =
            "M\(l - 4) 170C\(l - 14) 98 150 58 204 60C262 60 \(r + 14) 104 \(r + 4) 170"
        return switch person.hair {
        case .cropped:
            """
            \(crown)C\(r - 2) 160 \(r - 3) 150 \(r - 7) 138C\(r - 14) 122 242 116 230 111\
            C206 121 178 117 162 103C158 118 \(l + 16) 122 \(l + 9) 137C\(l + 5) 148 \(l + 1) 158 \(l - 4) 170Z
            """
        case .buzzed:
            """
            M\(l - 3) 164C\(l - 9) 100 152 73 200 73C248 73 \(r + 9) 100 \(r + 3) 164\
            C\(r - 3) 150 \(r - 3) 140 \(r - 8) 129L\(r - 22) 114Q200 106 \(l + 22) 114L\(l + 8) 129\
            C\(l + 3) 140 \(l + 3) 150 \(l - 3) 164Z
            """
        case .quiff:
            """
            M\(l + 8) 128C\(l - 4) 92 150 56 188 52C208 36 266 40 272 76C274 98 264 116 \(r - 7) 126\
            C238 108 214 104 196 108C180 112 \(l + 22) 112 \(l + 8) 128Z
            """
        case .mop:
            """
            M\(l - 6) 174C\(l - 20) 122 \(l - 8) 62 188 58C216 50 \(r + 4) 66 \(r + 8) 106\
            C\(r + 15) 130 \(r + 8) 156 \(r + 5) 174C\(r - 2) 160 \(r - 2) 148 \(r - 7) 136\
            C240 137 232 128 229 118C222 132 207 133 198 121C189 136 174 136 167 122\
            C161 137 152 139 \(l + 8) 137C\(l + 2) 148 \(l) 160 \(l - 6) 174Z
            """
        case .pixie:
            """
            M\(l - 5) 182C\(l - 20) 110 146 54 206 58C262 60 \(r + 18) 112 \(r + 5) 182\
            C\(r + 1) 168 \(r - 4) 156 \(r - 5) 142C234 136 216 124 207 105\
            C197 127 172 141 \(l + 9) 146C\(l + 4) 158 \(l + 3) 170 \(l - 5) 182Z
            """
        case .bob:
            """
            M\(l - 12) 232C\(l - 22) 98 150 56 200 56C250 56 \(r + 22) 98 \(r + 12) 232\
            C\(r + 10) 243 \(r - 6) 243 \(r - 8) 232L\(r - 4) 162C\(r - 5) 151 \(r - 6) 146 \(r - 11) 140\
            Q200 130 \(l + 11) 140C\(l + 6) 146 \(l + 5) 151 \(l + 4) 162L\(l + 8) 232\
            C\(l + 6) 243 \(l - 10) 243 \(l - 12) 232Z
            """
        case .braids, .buns:
            """
            M\(l - 6) 188C\(l - 18) 100 152 60 200 60C248 60 \(r + 18) 100 \(r + 6) 188\
            C\(r + 1) 176 \(r - 3) 164 \(r - 4) 150C\(r - 12) 128 214 112 200 86\
            C186 112 \(l + 12) 128 \(l + 4) 150C\(l + 3) 164 \(l - 1) 176 \(l - 6) 188Z
            """
        case .locs:
            """
            \(crown)C\(r - 2) 156 \(r - 4) 144 \(r - 8) 132C236 128 226 118 220 110\
            C206 124 190 126 176 114C166 126 \(l + 18) 128 \(l + 9) 138C\(l + 5) 148 \(l + 1) 158 \(l - 4) 170Z
            """
        default:
            """
            M\(l - 4) 172C\(l - 13) 100 150 60 200 60C250 60 \(r + 13) 100 \(r + 4) 172\
            C\(r - 2) 142 246 108 204 105C156 108 \(l + 2) 142 \(l - 4) 172Z
            """
        }
    }

    private func paintStrands(_ drawing: inout SVGDrawing) {
        let strands: PathData =
            switch person.hair {
            case .cropped: "M168 84C190 72 226 74 244 92M180 100C200 92 224 94 238 104"
            case .mop:
                "M160 96C172 78 196 72 214 76M150 122C152 110 158 100 166 96M218 104C232 102 244 110 248 122"
            case .pixie:
                "M166 96C184 78 212 74 232 84M222 106C240 108 250 120 254 132M152 128C164 124 178 116 186 106"
            case .bob:
                "M170 132C170 108 176 86 192 74M200 130C200 110 204 92 212 80M230 133C232 112 232 96 226 84"
            case .braids, .buns: "M178 100C162 108 152 120 148 136M222 100C238 108 248 120 252 136"
            case .topBun, .ponytail:
                "M164 108C172 86 184 74 194 68M236 108C228 86 216 74 206 68M200 104L200 72"
            default: ""
            }
        guard person.hair != .buzzed else { return }
        drawing.line(strands, look.hairLight, 3, opacity: 0.6)
    }

    /// Paints very short hair above the ears.
    private func paintSides(_ drawing: inout SVGDrawing) {
        let colour = person.hairColour.mixed(person.skin, 0.3)
        let start = person.hair == .bald ? 128.0 : 100.0
        for (x, side) in [(left, 1.0), (right, -1.0)] {
            drawing.path(
                """
                M\(x - side * 3) 172C\(x - side * 9) 150 \(x - side * 7) \(start + 12) \(x + side * 10) \(start)\
                C\(x + side * 14) 130 \(x + side * 5) 150 \(x - side * 3) 172Z
                """, colour)
        }
    }

    /// Returns the outline of long hair on one side, parted in the middle.
    private func lock(_ side: Double) -> PathData {
        func x(_ distance: Double) -> Double { 200 + side * distance }
        let c = person.cheek
        if person.hair == .wavy {
            return """
                M\(x(-8)) 60C\(x(42)) 52 \(x(c + 22)) 84 \(x(c + 16)) 150C\(x(c + 12)) 176 \(x(c + 30)) 190 \(x(c + 26)) 216\
                C\(x(c + 22)) 238 \(x(c + 36)) 254 \(x(c + 28)) 284C\(x(c + 22)) 304 \(x(c + 26)) 314 \(x(c + 16)) 330\
                C\(x(c + 4)) 326 \(x(c - 8)) 318 \(x(c - 12)) 300C\(x(c - 16)) 280 \(x(c + 4)) 268 \(x(c - 4)) 244\
                C\(x(c - 10)) 226 \(x(c + 4)) 210 \(x(c - 1)) 188C\(x(c - 3)) 150 \(x(34)) 124 \(x(-8)) 88Z
                """
        }
        return """
            M200 60C\(x(44)) 56 \(x(c + 19)) 90 \(x(c + 16)) 164C\(x(c + 16)) 226 \(x(c + 24)) 284 \(x(c + 16)) 334\
            C\(x(c + 2)) 340 \(x(c - 12)) 336 \(x(c - 20)) 326C\(x(c + 2)) 280 \(x(c - 1)) 222 \(x(c - 1)) 190\
            C\(x(c - 3)) 150 \(x(34)) 122 200 88Z
            """
    }

    private func paintLocks(_ drawing: inout SVGDrawing) {
        for side in [-1.0, 1.0] {
            func x(_ distance: Double) -> Double { 200 + side * distance }
            let c = person.cheek
            drawing.path(lock(side), person.hairColour)
            drawing.line(
                """
                M\(x(20)) 78C\(x(48)) 90 \(x(c + 6)) 128 \(x(c + 7)) 176M\(x(c + 9)) 216\
                C\(x(c + 10)) 250 \(x(c + 14)) 280 \(x(c + 4)) 314
                """, look.hairLight, 3, opacity: 0.55)
        }
    }

    private func paintBraid(_ side: Double, _ drawing: inout SVGDrawing) {
        let x = 200 + side * (person.cheek + 10)
        for index in 0..<8 {
            let y = 200 + Double(index) * 17
            let drift = Double(index) * side * 1.6
            let width = 15 - Double(index) * 0.7
            let lean = index % 2 == 0 ? 1.0 : -1.0
            drawing.path(
                """
                M\(x + drift - width) \(y - lean * 5)C\(x + drift - width) \(y + 14) \(x + drift + width) \(y + 14)\
                 \(x + drift + width) \(y + lean * 5)C\(x + drift + width) \(y - 12) \(x + drift - width) \(y - 12)\
                 \(x + drift - width) \(y - lean * 5)Z
                """,
                index % 2 == 0 ? person.hairColour : person.hairColour.mixed(look.hairLight, 0.45))
        }
        drawing.rectangle(x + side * 12 - 9, 332, 18, 9, palette.accent, round: 4)
        drawing.path(
            "M\(x + side * 12 - 7) 340L\(x + side * 12 - 9) 360Q\(x + side * 12) 366 \(x + side * 12 + 9) 360L\(x + side * 12 + 7) 340Z",
            person.hairColour)
    }

    private func paintScarf(_ drawing: inout SVGDrawing) {
        let c = person.cheek - 3
        let scarf = secondCloth
        drawing.path(
            """
            M200 50C138 50 \(left - 24) 104 \(left - 22) 176C\(left - 22) 226 148 262 120 296C150 344 250 344 280 296\
            C252 262 \(right + 22) 226 \(right + 22) 176C\(right + 24) 104 262 50 200 50Z\
            M200 102C\(200 + c * 0.7) 102 \(200 + c) 128 \(200 + c) 164C\(200 + c) 212 232 236 200 238\
            C168 236 \(200 - c) 212 \(200 - c) 164C\(200 - c) 128 \(200 - c * 0.7) 102 200 102Z
            """, scarf, evenOdd: true)
        drawing.line(
            """
            M\(200 - c - 8) 150C\(200 - c - 10) 210 168 250 196 262M\(200 + c + 8) 150C\(200 + c + 10) 214 236 262 176 286\
            M150 300C190 320 236 312 262 288M160 82C176 68 224 68 240 82
            """, scarf.darker(0.22), 3, opacity: 0.7)
    }

    /// The curls along the forehead.
    static let hairlineCurls: [(x: Double, y: Double, radius: Double)] = [
        (139, 140, 15), (146, 116, 20), (166, 98, 21), (190, 90, 22), (214, 90, 22), (237, 99, 21),
        (254, 117, 20), (261, 140, 15), (150, 96, 24), (178, 80, 26), (206, 76, 26), (234, 82, 26),
        (252, 100, 24),
    ]
}
