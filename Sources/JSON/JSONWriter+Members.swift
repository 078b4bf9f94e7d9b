extension JSONWriter {
    /// Writes a member that is a string; `nil` as `null`.
    package mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member that is a whole number; `nil` as `null`.
    package mutating func member(_ name: String, _ value: Int?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    /// Writes a member that is a number, `null` when it is `nil` or not finite.
    package mutating func member(_ name: String, _ value: Double?) {
        key(name)
        if let value { double(value) } else { null() }
    }

    /// Writes a member that is `true` or `false`.
    package mutating func member(_ name: String, _ value: Bool) {
        key(name)
        boolean(value)
    }

    /// Writes a member that is a list of strings.
    package mutating func member(_ name: String, _ value: [String]) {
        key(name)
        beginArray()
        for element in value { string(element) }
        endArray()
    }

    /// Writes a member whose value is JSON already, without checking it; `nil` as `null`.
    package mutating func member(_ name: String, json: [UInt8]?) {
        key(name)
        if let json { raw(json) } else { null() }
    }
}
