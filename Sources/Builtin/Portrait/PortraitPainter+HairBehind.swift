/// Hair that is seen behind the head and the neck.
extension PortraitPainter {
    func paintHairBehind(_ drawing: inout SVGDrawing) {
        let (l, r) = (left, right)
        let hair = look.hairDark
        switch person.hair {
        case .straight, .wavy:
            drawing.path(
                """
                M\(l - 14) 150C\(l - 18) 82 150 56 200 56C250 56 \(r + 18) 82 \(r + 14) 150\
                L\(r + 18) 316Q200 330 \(l - 18) 316Z
                """, hair)
        case .bob:
            drawing.path(
                """
                M\(l - 15) 160C\(l - 18) 84 150 57 200 57C250 57 \(r + 18) 84 \(r + 15) 160L\(r + 14) 236\
                Q\(r + 12) 254 \(r - 8) 254L\(l + 8) 254Q\(l - 12) 254 \(l - 14) 236Z
                """, hair)
        case .topBun:
            drawing.circle(200, 48, 29, person.hairColour)
            drawing.line(
                "M182 42C190 28 212 28 220 44M188 60C180 50 190 38 204 42", look.hairLight, 3,
                opacity: 0.6)
            drawing.line("M184 70Q200 76 216 70", palette.accent, 6)
        case .buns:
            for x in [140.0, 260.0] {
                drawing.circle(x, 74, 30, person.hairColour)
                drawing.line(
                    "M\(x - 16) 70C\(x - 8) 54 \(x + 12) 56 \(x + 15) 72", look.hairLight, 3,
                    opacity: 0.6)
            }
        case .ponytail:
            drawing.path(
                """
                M228 72C292 50 334 116 314 184C304 220 318 246 292 290C286 262 262 244 272 200\
                C280 158 268 122 232 108Z
                """, person.hairColour)
            drawing.line(
                "M256 90C290 110 300 150 290 196C286 216 290 236 292 256", look.hairLight, 3,
                opacity: 0.6)
        case .braids:
            drawing.path(
                "M\(l - 10) 150C\(l - 14) 90 150 60 200 60C250 60 \(r + 14) 90 \(r + 10) 150L\(r + 8) 214L\(l - 8) 214Z",
                hair)
        case .afro:
            drawing.circle(200, 134, 96, person.hairColour)
            for (x, y) in Self.directions {
                drawing.circle(200 + x * 82, 132 + y * 82, 27, person.hairColour)
            }
        case .curls:
            for (x, y) in Self.longCurls {
                drawing.circle(200 - x, y, 27, person.hairColour)
                drawing.circle(200 + x, y, 27, person.hairColour)
            }
            drawing.circle(200, 110, 66, person.hairColour)
            for (x, y) in Self.longCurls.dropFirst() {
                for side in [-1.0, 1.0] {
                    drawing.line(
                        "M\(200 + side * x - 10) \(y + 4)q2 -13 14 -13", look.hairLight, 3.2,
                        opacity: 0.5)
                }
            }
        case .locs:
            for (index, distance) in [30.0, 44, 56, 66, 72].enumerated() {
                for side in [-1.0, 1.0] {
                    let end = 288 - Double(index % 3) * 14
                    drawing.line(
                        """
                        M\(200 + side * distance * 0.8) 96C\(200 + side * (distance + 4)) 150\
                         \(200 + side * (distance + 12)) 200 \(200 + side * (distance + 10)) \(end)
                        """, index % 2 == 0 ? person.hairColour : look.hairDark, 15)
                }
            }
        case .mop, .pixie:
            drawing.path(
                "M\(l - 4) 150L\(l - 2) 206Q200 226 \(r + 2) 206L\(r + 4) 150Z", hair)
        default: break
        }
    }

    /// Twelve directions, evenly around a circle.
    static let directions: [(x: Double, y: Double)] = [
        (1, 0), (0.866, 0.5), (0.5, 0.866), (0, 1), (-0.5, 0.866), (-0.866, 0.5), (-1, 0),
        (-0.866, -0.5), (-0.5, -0.866), (0, -1), (0.5, -0.866), (0.866, -0.5),
    ]

    /// The places of long curls: distances from the middle, and heights.
    private static let longCurls: [(x: Double, y: Double)] = [
        (28, 76), (54, 96), (68, 126), (75, 158), (78, 190), (74, 222), (80, 250), (66, 268),
    ]
}
