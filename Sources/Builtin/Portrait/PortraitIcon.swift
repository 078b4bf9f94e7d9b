/// Icons of what people do, each around the origin and about 44 units wide.
enum PortraitIcon {
    /// Paints the icon number `index` of a theme, each of which has three that come round again.
    static func paint(
        _ theme: String, _ index: Int, _ colour: Colour, _ accent: Colour,
        _ drawing: inout SVGDrawing
    ) {
        let number = index % 3
        switch theme {
        case "music": music(number, colour, accent, &drawing)
        case "technology": technology(number, colour, accent, &drawing)
        case "baking": baking(number, colour, accent, &drawing)
        case "coffee": coffee(number, colour, accent, &drawing)
        case "art": art(number, colour, accent, &drawing)
        case "photography": photography(number, colour, accent, &drawing)
        case "travel": travel(number, colour, accent, &drawing)
        case "sport": sport(number, colour, accent, &drawing)
        case "science": science(number, colour, accent, &drawing)
        case "fashion": fashion(number, colour, accent, &drawing)
        case "animals": animals(number, colour, accent, &drawing)
        default: everyday(number, colour, accent, &drawing)
        }
    }

    private static func music(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.ellipse(-6, 14, 9, 7, colour)
            drawing.line("M2 14L2 -20Q6 -8 16 -6", colour, 4)
        case 1:
            drawing.ellipse(-14, 14, 8, 6.5, accent)
            drawing.ellipse(12, 10, 8, 6.5, accent)
            drawing.line("M-7 14L-7 -14L19 -18L19 10M-7 -6L19 -10", accent, 4)
        default:
            drawing.circle(0, 0, 21, colour)
            drawing.ring(0, 0, 14, colour.lighter(0.3), 1.5)
            drawing.circle(0, 0, 7, accent)
            drawing.circle(0, 0, 2, colour)
        }
    }

    private static func technology(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.line("M-12 -11L-23 0L-12 11M12 -11L23 0L12 11", colour, 5)
            drawing.line("M5 -16L-5 16", accent, 5)
        case 1:
            drawing.rectangle(-23, -17, 46, 34, colour, round: 6)
            drawing.rectangle(-23, -17, 46, 9, accent, round: 4)
            drawing.line("M-15 1h14M-15 9h22", colour.lighter(0.6), 3)
        default:
            drawing.line(
                "M-8 -18q-8 0 -8 8t-7 10q7 2 7 10t8 8M8 -18q8 0 8 8t7 10q-7 2 -7 10t-8 8", accent,
                4.5)
            drawing.circle(0, 0, 3.5, colour)
        }
    }

    private static func baking(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.path("M-24 12C-28 -10 -12 -18 0 -18C12 -18 28 -10 24 12Q0 18 -24 12Z", colour)
            drawing.line(
                "M-10 -8q-6 6 -4 12M2 -10q-6 6 -4 12M14 -8q-6 6 -4 12", colour.lighter(0.5), 3)
        case 1:
            drawing.line("M0 24L0 -20", accent, 3)
            for row in 0..<4 {
                let y = 8 - Double(row) * 10
                drawing.path("M0 \(y)q-13 -2 -12 -13q12 1 12 13q13 -2 12 -13q-12 1 -12 13Z", accent)
            }
        default:
            drawing.path("M-16 2h32l-5 20h-22Z", colour)
            drawing.path(
                "M-19 4C-24 -8 -12 -12 -9 -12C-8 -24 10 -24 10 -13C20 -14 24 0 18 4Z", accent)
            drawing.circle(1, -22, 4.5, colour)
        }
    }

    private static func coffee(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.path("M-18 -4h32v10q0 14 -14 14h-4q-14 0 -14 -14Z", colour)
            drawing.line("M15 0q10 -1 9 7t-11 6", colour, 3.5)
            drawing.line("M-9 -10q-4 -5 0 -9t0 -8M3 -10q-4 -5 0 -9t0 -8", accent, 2.6)
        case 1:
            drawing.ellipse(0, 0, 13, 19, accent)
            drawing.line("M4 -16q-10 8 -3 16t-4 16", accent.lighter(0.5), 3)
        default:
            drawing.path("M-14 -16h28l-4 38h-20Z", colour)
            drawing.rectangle(-17, -22, 34, 8, accent, round: 3)
            drawing.path("M-12.500 -4h25l-1.600 14h-21.800Z", colour.lighter(0.5))
        }
    }

    private static func art(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.path(
                "M-2 -22C20 -22 28 -4 20 6C14 14 6 6 4 12C2 22 -4 22 -8 20C-28 12 -26 -22 -2 -22Z",
                colour)
            for (x, y) in [(-12.0, -4.0), (-4, -13), (8, -12), (-9, 8)] {
                drawing.circle(x, y, 3.6, accent.lighter(x > 0 ? 0.5 : 0.2))
            }
        case 1:
            drawing.line("M-14 22L8 -10", colour, 5)
            drawing.path("M4 -14L14 -4Q22 -14 20 -24Q8 -22 4 -14Z", accent)
        default:
            drawing.line("M-22 8q8 -22 14 -6t14 0t14 -4", accent, 6)
        }
    }

    private static func photography(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.path("M-10 -19h20l5 7h-30Z", colour)
            drawing.rectangle(-24, -13, 48, 32, colour, round: 6)
            drawing.circle(0, 3, 11, colour.lighter(0.6))
            drawing.circle(0, 3, 6.5, accent)
        case 1:
            drawing.rectangle(-18, -21, 36, 42, colour.lighter(0.7), round: 2)
            drawing.rectangle(-14, -17, 28, 26, accent)
            drawing.path("M-14 9l10 -13l7 8l5 -5l6 10Z", colour)
        default:
            for turn in 0..<6 {
                drawing.group(turn: Double(turn) * 60) { drawing in
                    drawing.path("M-7 -21L14 -16L5 -8Z", turn % 2 == 0 ? colour : accent)
                }
            }
        }
    }

    private static func travel(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.path("M-24 2L24 -20L8 22L0 6Z", colour)
            drawing.path("M24 -20L0 6L-2 20L-8 4Z", colour.darker(0.25))
        case 1:
            drawing.path("M0 24C-12 8 -17 2 -17 -7A17 17 0 1 1 17 -7C17 2 12 8 0 24Z", accent)
            drawing.circle(0, -7, 6.5, accent.lighter(0.75))
        default:
            drawing.rectangle(-18, -12, 36, 32, colour, round: 6)
            drawing.line("M-8 -12v-7q0 -3 3 -3h10q3 0 3 3v7", colour, 3.5)
            drawing.line("M-8 -12v32M8 -12v32", accent, 3)
        }
    }

    private static func sport(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.circle(0, 3, 18, colour)
            drawing.circle(0, 3, 13, colour.lighter(0.75))
            drawing.line("M0 3L0 -6M0 3l6 4M0 -15v-6M-5 -22h10", accent, 3)
        case 1:
            drawing.path("M4 -24L-15 4L-2 4L-6 24L15 -6L2 -6Z", accent)
        default:
            drawing.line("M-12 0h24", colour, 5)
            for x in [-20.0, 12] {
                drawing.rectangle(x, -14, 8, 28, colour, round: 3)
                drawing.rectangle(x + (x < 0 ? -5 : 8), -8, 5, 16, accent, round: 2)
            }
        }
    }

    private static func science(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            for turn in 0..<3 {
                drawing.group(turn: Double(turn) * 60) {
                    $0.line("M-23 0a23 9 0 1 1 46 0a23 9 0 1 1 -46 0Z", colour, 2.6)
                }
            }
            drawing.circle(0, 0, 4.5, accent)
        case 1:
            drawing.path("M-5 -22h10v14l13 24q3 6 -4 6h-28q-7 0 -4 -6l13 -24Z", colour.lighter(0.4))
            drawing.path("M-11 4h22l7 12q3 6 -4 6h-28q-7 0 -4 -6Z", accent)
            drawing.rectangle(-8, -24, 16, 5, colour, round: 2)
        default:
            drawing.circle(0, 0, 13, accent)
            drawing.line("M-23 6C-14 12 14 2 23 -8", colour, 3.5)
            drawing.circle(-4, -4, 3, accent.lighter(0.5))
        }
    }

    private static func fashion(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.line("M-24 14L0 -4L24 14ZM0 -4v-5q8 -2 6 -9t-11 -2", colour, 3.6)
        case 1:
            drawing.circle(0, 0, 17, accent)
            drawing.ring(0, 0, 12.5, accent.darker(0.25), 2)
            for (x, y) in [(-4.0, -4.0), (4, -4), (-4, 4), (4, 4)] {
                drawing.circle(x, y, 2.2, accent.darker(0.45))
            }
        default:
            drawing.rectangle(-10, -14, 20, 28, accent)
            drawing.line("M-10 -8h20M-10 -2h20M-10 4h20M-10 10h20", accent.lighter(0.4), 2)
            drawing.rectangle(-15, -20, 30, 7, colour, round: 2)
            drawing.rectangle(-15, 13, 30, 7, colour, round: 2)
        }
    }

    private static func animals(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0:
            drawing.path(
                "M0 -2C10 -2 18 8 15 15C12 22 5 16 0 16C-5 16 -12 22 -15 15C-18 8 -10 -2 0 -2Z",
                colour)
            for (x, y) in [(-17.0, -5.0), (-7, -15), (7, -15), (17, -5)] {
                drawing.ellipse(x, y, 5, 6.5, colour)
            }
        case 1:
            drawing.path(
                "M0 20C-26 2 -20 -18 -8 -18C-3 -18 0 -14 0 -10C0 -14 3 -18 8 -18C20 -18 26 2 0 20Z",
                accent)
        default:
            drawing.line("M-12 6L12 -6", colour, 8)
            for (x, y) in [(-15.0, 3.0), (-12, 10), (15, -3), (12, -10)] {
                drawing.circle(x, y, 6, colour)
            }
        }
    }

    private static func everyday(
        _ number: Int, _ colour: Colour, _ accent: Colour, _ drawing: inout SVGDrawing
    ) {
        switch number {
        case 0: drawing.path("M0 -20Q3 -3 20 0Q3 3 0 20Q-3 3 -20 0Q-3 -3 0 -20Z", colour)
        case 1:
            drawing.ring(0, 0, 12, accent, 5)
        default:
            for (x, y) in [
                (-12.0, -12.0), (0, -12), (12, -12), (-12, 0), (0, 0), (12, 0), (-12, 12), (0, 12),
                (12, 12),
            ] {
                drawing.circle(x, y, 2.6, colour)
            }
        }
    }
}
