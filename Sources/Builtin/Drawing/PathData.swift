/// SVG text in which numbers are rounded to tenths, so that it is short and alike on every machine.
///
/// The numbers come only from `+ - * /`, square roots and rounding, which IEEE 754 defines exactly.
struct PathData: ExpressibleByStringInterpolation, CustomStringConvertible {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 6)
        }

        mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        mutating func appendInterpolation(_ number: Double) {
            let tenths = Int((number * 10).rounded())
            if tenths < 0 { text += "-" }
            text += String(tenths.magnitude / 10)
            if tenths.magnitude % 10 != 0 { text += ".\(tenths.magnitude % 10)" }
        }

        mutating func appendInterpolation(_ number: Int) {
            text += String(number)
        }

        mutating func appendInterpolation(_ path: PathData) {
            text += path.description
        }

        mutating func appendInterpolation(_ colour: Colour) {
            text += colour.description
        }

        mutating func appendInterpolation(_ paint: Paint) {
            text += paint.description
        }

        mutating func appendInterpolation(raw string: String) {
            text += string
        }
    }

    private(set) var description: String

    init(stringLiteral value: String) {
        description = value
    }

    init(stringInterpolation: StringInterpolation) {
        description = stringInterpolation.text
    }

    static func += (path: inout PathData, more: PathData) {
        path.description += more.description
    }

    static func + (path: PathData, more: PathData) -> PathData {
        "\(path)\(more)"
    }
}
