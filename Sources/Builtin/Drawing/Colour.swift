/// A colour in sRGB.
struct Colour: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    private let red: UInt8
    private let green: UInt8
    private let blue: UInt8

    /// Makes a colour of a number as in CSS: `0xRRGGBB`.
    init(integerLiteral value: UInt32) {
        red = UInt8(truncatingIfNeeded: value >> 16)
        green = UInt8(truncatingIfNeeded: value >> 8)
        blue = UInt8(truncatingIfNeeded: value)
    }

    private init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Returns a mixture with another colour, of which it has the share `fraction`.
    ///
    /// The values are mixed as light is, by their squares, which is close to sRGB's curve and needs
    /// no power function.
    func mixed(_ other: Colour, _ fraction: Double) -> Colour {
        func mix(_ one: UInt8, _ two: UInt8) -> UInt8 {
            let (one, two) = (Double(one), Double(two))
            let mixed = (one * one * (1 - fraction) + two * two * fraction).squareRoot()
            return UInt8(min(255, max(0, mixed.rounded())))
        }
        return Colour(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
    }

    func lighter(_ fraction: Double) -> Colour { mixed(0xFFFFFF, fraction) }

    /// Returns a mixture with a dark violet, as shadows have it, rather than with black.
    func darker(_ fraction: Double) -> Colour {
        func mix(_ one: UInt8, _ two: Double) -> UInt8 {
            UInt8(min(255, max(0, (Double(one) * (1 - fraction) + two * fraction).rounded())))
        }
        return Colour(mix(red, 28), mix(green, 20), mix(blue, 46))
    }

    /// The perceived brightness, from 0 for black to 1 for white.
    var luma: Double {
        (Double(red) * 0.3 + Double(green) * 0.59 + Double(blue) * 0.11) / 255
    }

    var description: String {
        let value = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
        let digits = String(value, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}

/// The filling of a shape: a colour or a gradient.
struct Paint: CustomStringConvertible {
    let description: String

    init(_ colour: Colour) {
        description = colour.description
    }

    /// Refers to a gradient by its id.
    init(id: String) {
        description = "url(#\(id))"
    }
}
