extension PortraitPainter {
    var left: Double { 200 - person.cheek }
    var right: Double { 200 + person.cheek }

    var faceOutline: PathData {
        let (jaw, chin) = (person.jaw, person.chin)
        return """
            M\(left) 158C\(left) 112 164 88 200 88C236 88 \(right) 112 \(right) 158\
            C\(right) 194 \(200 + jaw) \(chin) 200 \(chin)C\(200 - jaw) \(chin) \(left) 194 \(left) 158Z
            """
    }

    func paintNeck(_ drawing: inout SVGDrawing) {
        let neck: PathData = """
            M174 200L174 260C174 272 168 280 156 287L200 350L244 287C232 280 226 272 226 260L226 200Z
            """
        drawing.path(neck, person.skin)
        drawing.clipped(to: neck) { drawing in
            drawing.ellipse(204, person.chin - 8, 50, 38, look.shade)
        }
    }

    func paintHead(_ random: inout WriterRandom, _ drawing: inout SVGDrawing) {
        if person.hair != .scarf {
            for (x, inner) in [(left, 1.0), (right, -1.0)] {
                drawing.ellipse(x, 172, 11, 16, person.skin)
                drawing.line(
                    "M\(x + inner * 3) 164q\(-8 * inner) 5 \(-4 * inner) 14", look.shade, 2.5)
            }
        }
        drawing.path(faceOutline, person.skin)
        drawing.clipped(to: faceOutline) { drawing in
            // The light comes from the left.
            drawing.path(
                "M\(right + 4) 96C\(right - 26) 140 \(right - 14) 206 196 \(person.chin + 4)L\(right + 20) 260Z",
                look.shade, opacity: 0.4)
            paintShadowOfHair(&drawing)
            drawing.ellipse(left + 20, 192, 14, 9.5, look.blush, opacity: look.blushing)
            drawing.ellipse(right - 20, 192, 14, 9.5, look.blush, opacity: look.blushing)
        }
        if person.hasFreckles {
            for (x, y) in [(162, 186), (170, 191), (178, 185), (222, 186), (230, 191), (238, 185)] {
                drawing.circle(Double(x), Double(y), 1.5, look.deepShade, opacity: 0.5)
            }
        }
        if person.isOld { paintWrinkles(&drawing) }
        paintNose(&drawing)
        for side in [-1.0, 1.0] { paintEye(side, &drawing) }
    }

    private func paintWrinkles(_ drawing: inout SVGDrawing) {
        for side in [-1.0, 1.0] {
            drawing.line(
                "M\(200 + side * 22) 199q\(side * 9) 6 \(side * 9) 15", look.deepShade, 1.8,
                opacity: 0.5)
            drawing.line(
                "M\(200 + side * 44) 166l\(side * 6) -3M\(200 + side * 44) 171l\(side * 6) 1",
                look.deepShade, 1.6, opacity: 0.45)
        }
        drawing.line("M182 126q18 -4 36 0M186 134q14 -3 28 0", look.deepShade, 1.6, opacity: 0.35)
    }

    private func paintNose(_ drawing: inout SVGDrawing) {
        switch person.nose {
        case .line:
            drawing.line("M201 164C204 178 211 187 207 192Q202 196 196 194", look.deepShade, 2.6)
        case .button:
            drawing.line("M192 189Q200 199 208 189", look.deepShade, 2.8)
        case .long:
            drawing.path("M200 160C204 176 214 188 209 193Q201 199 193 193Z", look.shade)
            drawing.line("M194 194Q201 198 208 193", look.deepShade, 2)
        }
    }

    private func paintEye(_ side: Double, _ drawing: inout SVGDrawing) {
        let x = 200 + side * 24
        let y = 166.0
        let brow = person.hairColour.mixed(person.skin, 0.15).darker(
            person.hairColour.luma > 0.55 ? 0.3 : 0.1)
        switch person.eyes {
        case .round:
            drawing.ellipse(x, y, 4.6, 5.6, look.ink)
            drawing.circle(x + 1.6, y - 2, 1.5, 0xFFFFFF)
        case .almond:
            drawing.path(
                "M\(x - 10) \(y + 1)Q\(x) \(y - 10) \(x + 10) \(y + 1)Q\(x) \(y + 8) \(x - 10) \(y + 1)Z",
                0xFFFCF6)
            drawing.circle(x, y - 0.5, 4.7, iris)
            drawing.circle(x, y - 0.5, 2.3, look.ink)
            drawing.circle(x + 1.6, y - 2.2, 1.2, 0xFFFFFF)
            drawing.line("M\(x - 10) \(y + 1)Q\(x) \(y - 10) \(x + 10) \(y + 1)", look.ink, 2.2)
        case .laughing:
            drawing.line("M\(x - 8) \(y + 3)Q\(x) \(y - 7) \(x + 8) \(y + 3)", look.ink, 3.2)
        }
        if person.hasLashes {
            let edge = x + side * (person.eyes == .round ? 4 : 9)
            let lid = person.eyes == .round ? y - 4 : y - 0.5
            drawing.line(
                "M\(edge) \(lid)l\(side * 5) -3.4M\(edge - side * 2.4) \(lid - 2.4)l\(side * 3.6) -4.6",
                look.ink, 1.9)
        }
        let (inner, outer) = (x - side * 10, x + side * 12)
        drawing.line(
            "M\(inner) \(y - 15)Q\(x + side * 2) \(y - 22) \(outer) \(y - 14)", brow,
            person.hasLashes ? 3.4 : 4.8)
    }

    private var iris: Colour {
        if person.skin.luma < 0.6 { return 0x4A2A1C }
        let irises: [Colour] = [0x5B3A24, 0x3F6B7A, 0x567048, 0x6B4A2A]
        return irises[Int(person.jaw + person.cheek) % irises.count]
    }

    func paintMouth(_ drawing: inout SVGDrawing) {
        switch person.mouth {
        case .smile:
            drawing.line("M181 208Q200 225 219 208", look.deepShade.darker(0.2), 3.2)
        case .smirk:
            drawing.line("M184 213Q204 220 219 207", look.deepShade.darker(0.2), 3.2)
        case .grin:
            let mouth: PathData =
                "M178 207Q200 213 222 207C221 222 211 230 200 230C189 230 179 222 178 207Z"
            drawing.path(mouth, 0x6E2230)
            drawing.clipped(to: mouth) { drawing in
                drawing.rectangle(180, 203, 40, 12.5, 0xFFFFFF, round: 4)
                drawing.ellipse(200, 231, 13, 7, 0xE06A70)
            }
        case .lips:
            drawing.path(
                "M182 211Q191 203 200 207Q209 203 218 211Q200 214 182 211Z", look.lip.darker(0.08))
            drawing.path("M182 211Q200 214 218 211Q210 223 200 223Q190 223 182 211Z", look.lip)
            drawing.line("M183 211Q200 215 217 211", look.lip.darker(0.45), 1.6)
        }
    }

    func paintBeard(_ drawing: inout SVGDrawing) {
        let (chin, hair) = (person.chin, person.hairColour.darker(0.06))
        let full: PathData = """
            M\(left) 160C\(left + 6) 176 \(left + 8) 190 \(left + 22) 198C172 194 186 190 200 197\
            C214 190 228 194 \(right - 22) 198C\(right - 8) 190 \(right - 6) 176 \(right) 160\
            C\(right + 3) 206 \(200 + person.jaw + 6) \(chin + 16) 200 \(chin + 16)\
            C\(200 - person.jaw - 6) \(chin + 16) \(left - 3) 206 \(left) 160Z
            """
        switch person.beard {
        case .none: break
        case .stubble:
            drawing.clipped(to: faceOutline) { drawing in
                drawing.path(full, hair, opacity: 0.24)
            }
        case .full:
            drawing.path(full, hair)
            drawing.line(
                "M\(left + 12) 206q6 18 18 28M\(right - 12) 206q-6 18 -18 28", look.hairLight, 2,
                opacity: 0.5)
            drawing.path("M176 203Q200 196 224 203Q223 226 200 228Q177 226 176 203Z", person.skin)
        case .goatee:
            drawing.path(
                "M180 224Q200 219 220 224C222 \(chin - 4) 214 \(chin + 9) 200 \(chin + 9)C186 \(chin + 9) 178 \(chin - 4) 180 224Z",
                hair)
            drawing.path(
                "M200 198C190 195 178 199 174 208Q186 205 200 205Q214 205 226 208C222 199 210 195 200 198Z",
                hair)
        case .moustache:
            drawing.path(
                "M200 197C190 193 176 197 168 210C180 212 192 210 200 205C208 210 220 212 232 210C224 197 210 193 200 197Z",
                hair)
        }
    }
}
