/// An SVG picture, drawn shape by shape from back to front.
///
/// It contains no script and refers to nothing outside. All ids begin with `prefix`, so that
/// several pictures can be in one page.
struct SVGDrawing {
    private let prefix: String
    private var shapes = ""
    private var definitions = ""
    private var count = 0

    init(prefix: String) {
        self.prefix = prefix
    }

    /// Returns the whole file, in which `title` is escaped.
    ///
    /// The drawing is clipped to the picture, because shapes reach beyond its edges, which a frame
    /// of another aspect ratio would show.
    func file(width: Int, height: Int, title: String) -> [UInt8] {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
        height="\(height)" role="img" aria-labelledby="\(prefix)t">\
        <title id="\(prefix)t">\(PictureTitle.escaped(title))</title>\
        <defs><clipPath id="\(prefix)v"><path d="M0 0H\(width)V\(height)H0Z"/></clipPath>\
        \(definitions)</defs><g clip-path="url(#\(prefix)v)">\(shapes)</g></svg>

        """.utf8.map(\.self)
    }

    // MARK: - Shapes

    mutating func path(_ data: PathData, _ paint: Paint, opacity: Double = 1) {
        add("<path d=\"\(data)\" fill=\"\(paint)\"", opacity)
    }

    mutating func path(_ data: PathData, _ colour: Colour, opacity: Double = 1) {
        path(data, Paint(colour), opacity: opacity)
    }

    /// Draws a shape with holes, where one outline lies within another.
    mutating func path(_ data: PathData, _ colour: Colour, evenOdd: Bool) {
        add("<path d=\"\(data)\" fill=\"\(colour)\" fill-rule=\"evenodd\"", 1)
    }

    /// Draws a line with round ends.
    mutating func line(_ data: PathData, _ colour: Colour, _ width: Double, opacity: Double = 1) {
        add(
            """
            <path d="\(data)" fill="none" stroke="\(colour)" stroke-width="\(width)" \
            stroke-linecap="round" stroke-linejoin="round"
            """, opacity)
    }

    mutating func circle(
        _ x: Double, _ y: Double, _ radius: Double, _ paint: Paint, opacity: Double = 1
    ) {
        add("<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\" fill=\"\(paint)\"", opacity)
    }

    mutating func circle(
        _ x: Double, _ y: Double, _ radius: Double, _ colour: Colour, opacity: Double = 1
    ) {
        circle(x, y, radius, Paint(colour), opacity: opacity)
    }

    mutating func ellipse(
        _ x: Double, _ y: Double, _ across: Double, _ down: Double, _ colour: Colour,
        opacity: Double = 1
    ) {
        add(
            "<ellipse cx=\"\(x)\" cy=\"\(y)\" rx=\"\(across)\" ry=\"\(down)\" fill=\"\(colour)\"",
            opacity)
    }

    mutating func ring(
        _ x: Double, _ y: Double, _ radius: Double, _ colour: Colour, _ width: Double,
        opacity: Double = 1
    ) {
        add(
            """
            <circle cx="\(x)" cy="\(y)" r="\(radius)" fill="none" stroke="\(colour)" \
            stroke-width="\(width)"
            """, opacity)
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ paint: Paint,
        round: Double = 0, opacity: Double = 1
    ) {
        guard width > 0, height > 0 else { return }
        var shape: PathData = "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\""
        if round > 0 { shape += " rx=\"\(round)\"" }
        add(shape + " fill=\"\(paint)\"", opacity)
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: Colour,
        round: Double = 0, opacity: Double = 1
    ) {
        rectangle(x, y, width, height, Paint(colour), round: round, opacity: opacity)
    }

    private mutating func add(_ start: PathData, _ opacity: Double) {
        shapes += start.description
        if opacity < 1 { shapes += " opacity=\"\(hundredths(opacity))\"" }
        shapes += "/>"
    }

    // MARK: - Groups

    /// Draws `content`, first scaled, then turned, then moved.
    mutating func group(
        move: (x: Double, y: Double) = (0, 0), scale: (x: Double, y: Double) = (1, 1),
        turn: Double = 0, opacity: Double = 1, _ content: (inout SVGDrawing) -> Void
    ) {
        var transform: PathData = "translate(\(move.x) \(move.y))"
        if turn != 0 { transform += "rotate(\(turn))" }
        if scale != (1, 1) {
            transform += "scale(\(raw: thousandths(scale.x)) \(raw: thousandths(scale.y)))"
        }
        enclose(in: "<g transform=\"\(transform)\"", opacity, content)
    }

    /// Draws the part of `content` that is within `outline`.
    mutating func clipped(
        to outline: PathData, opacity: Double = 1, _ content: (inout SVGDrawing) -> Void
    ) {
        let id = newID()
        definitions += "<clipPath id=\"\(id)\"><path d=\"\(outline)\"/></clipPath>"
        enclose(in: "<g clip-path=\"url(#\(raw: id))\"", opacity, content)
    }

    private mutating func enclose(
        in start: PathData, _ opacity: Double, _ content: (inout SVGDrawing) -> Void
    ) {
        shapes += start.description
        if opacity < 1 { shapes += " opacity=\"\(hundredths(opacity))\"" }
        shapes += ">"
        content(&self)
        shapes += "</g>"
    }

    /// Draws `content`, and its mirror image below `waterline`.
    mutating func mirrored(
        at waterline: Double, opacity: Double, _ content: (inout SVGDrawing) -> Void
    ) {
        let id = newID()
        shapes += "<g id=\"\(id)\">"
        content(&self)
        let use: PathData =
            "</g><use href=\"#\(raw: id)\" transform=\"translate(0 \(2 * waterline))scale(1 -1)\""
        shapes += "\(use) opacity=\"\(hundredths(opacity))\"/>"
    }

    // MARK: - Gradients

    typealias Stop = (at: Double, colour: Colour, opacity: Double)

    /// Makes a gradient from the top of a shape to its bottom.
    mutating func vertical(_ colours: Colour...) -> Paint {
        vertical(Self.evenly(colours))
    }

    mutating func vertical(_ stops: [Stop]) -> Paint {
        gradient("linearGradient x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"", "linearGradient", stops)
    }

    /// Makes a gradient from the top left of a shape to its bottom right.
    mutating func diagonal(_ colours: Colour...) -> Paint {
        gradient(
            "linearGradient x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\"", "linearGradient",
            Self.evenly(colours))
    }

    /// Makes a gradient from the left of a shape to its right.
    mutating func horizontal(_ stops: [Stop]) -> Paint {
        gradient("linearGradient", "linearGradient", stops)
    }

    /// Makes a gradient from the middle of a shape outwards.
    mutating func radial(_ stops: [Stop]) -> Paint {
        gradient("radialGradient", "radialGradient", stops)
    }

    /// Makes a gradient of light that fades to nothing outwards.
    mutating func glow(_ colour: Colour, _ opacity: Double) -> Paint {
        radial([(0, colour, opacity), (0.45, colour, opacity * 0.4), (1, colour, 0)])
    }

    private static func evenly(_ colours: [Colour]) -> [Stop] {
        colours.enumerated().map { index, colour in
            (Double(index) / Double(max(1, colours.count - 1)), colour, 1)
        }
    }

    private mutating func gradient(_ start: String, _ name: String, _ stops: [Stop]) -> Paint {
        let id = newID()
        definitions += "<\(start) id=\"\(id)\">"
        for stop in stops {
            definitions += "<stop offset=\"\(hundredths(stop.at))\" stop-color=\"\(stop.colour)\""
            if stop.opacity < 1 { definitions += " stop-opacity=\"\(hundredths(stop.opacity))\"" }
            definitions += "/>"
        }
        definitions += "</\(name)>"
        return Paint(id: id)
    }

    private mutating func newID() -> String {
        count += 1
        return prefix + String(count)
    }

    // MARK: - Numbers

    private func hundredths(_ number: Double) -> String { Self.decimals(number, 100) }
    private func thousandths(_ number: Double) -> String { Self.decimals(number, 1_000) }

    private static func decimals(_ number: Double, _ scale: Int) -> String {
        let scaled = Int((number * Double(scale)).rounded())
        let digits = String(Int(scaled.magnitude) % scale + scale).dropFirst()
        let kept = String(digits.reversed().drop { $0 == "0" }.reversed())
        let whole = (scaled < 0 ? "-" : "") + String(Int(scaled.magnitude) / scale)
        return kept.isEmpty ? whole : whole + "." + kept
    }
}
