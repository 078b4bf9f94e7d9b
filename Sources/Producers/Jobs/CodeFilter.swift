// Takes the code out of a model's answer while it comes.
//
// Problem: asked for code and nothing else, many models put it between fences as in Markdown, and
//   some say a word before or after it. Neither is part of the code, and it is shown while it is
//   written.
// Algorithm: white space at the beginning is left out. An answer that then begins with a fence is
//   the lines up to the next fence; what stands behind is dropped. Any other answer is taken as it
//   is. White space is held back until something follows it, so that the end has none.

/// Leaves out what stands around the code in an answer; a value without I/O.
struct CodeFilter {
    private enum Phase {
        /// The answer goes through as it is.
        case off
        /// Only white space or the beginning of a fence has come.
        case before
        /// In the line that begins the fence.
        case opening
        case code(isFenced: Bool, hasBegun: Bool = false)
        /// Behind the fence.
        case over
    }

    private static let fence = "```"

    private var phase: Phase
    /// What may be a fence, or the white space at the end.
    private var held = ""

    init(isOn: Bool) {
        phase = isOn ? .before : .off
    }

    /// Returns what of `piece`, and of what was held back, is certainly code.
    mutating func take(_ piece: String) -> String {
        if case .off = phase { return piece }
        held += piece
        var code = ""
        while step(&code) {}
        return code
    }

    /// Returns the rest of the code, when nothing more comes.
    mutating func end() -> String {
        defer { held = "" }
        switch phase {
        case .off, .opening, .over: return ""
        // Less than a fence, so it is code.
        case .before: return Self.trimmed(held)
        case .code(let isFenced, let hasBegun):
            let rest = isFenced ? Self.beforeFence(held, isLine: !hasBegun) ?? held : held
            return Self.trimmed(rest)
        }
    }

    /// Goes on as far as the held text allows.
    ///
    /// - Returns: `false` when more must come first.
    private mutating func step(_ code: inout String) -> Bool {
        switch phase {
        case .off, .over:
            held = ""
            return false
        case .before:
            held = String(held.drop(while: \.isWhitespace))
            guard held.unicodeScalars.count >= Self.fence.unicodeScalars.count else {
                guard !held.isEmpty, !Self.fence.hasPrefix(held) else { return false }
                phase = .code(isFenced: false)
                return true
            }
            phase = held.hasPrefix(Self.fence) ? .opening : .code(isFenced: false)
            return true
        case .opening:
            // By scalars, since CR and LF are one character and may come apart.
            let scalars = held.unicodeScalars
            guard let end = scalars.firstIndex(of: "\n") else { return false }
            held = String(scalars[scalars.index(after: end)...])
            phase = .code(isFenced: true)
            return true
        case .code(let isFenced, let hasBegun):
            if isFenced, let before = Self.beforeFence(held, isLine: !hasBegun) {
                code += Self.trimmed(before)
                phase = .over
                return true
            }
            let sure = Self.certain(held, isFenced: isFenced)
            guard !sure.isEmpty else { return false }
            code += sure
            held.removeFirst(sure.count)
            phase = .code(isFenced: isFenced, hasBegun: true)
            return false
        }
    }

    /// Returns the text before the first line that begins with a fence; `nil` without one.
    ///
    /// `isLine` says that the text itself begins a line.
    private static func beforeFence(_ text: String, isLine: Bool) -> String? {
        if isLine, text.hasPrefix(fence) { return "" }
        let line = ("\n" + fence).unicodeScalars
        return text.unicodeScalars.firstRange(of: line)
            .map { String(text.unicodeScalars[..<$0.lowerBound]) }
    }

    /// Returns the beginning of `text` that is code whatever follows: all but the white space at
    /// its end, and the fence that may have begun there.
    private static func certain(_ text: String, isFenced: Bool) -> String {
        var rest = Substring(text)
        if isFenced {
            while rest.last == "`" { rest.removeLast() }
            // Ticks in a line are code.
            if rest.count < text.count, let last = rest.last, !last.isNewline { return text }
        }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }

    private static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
