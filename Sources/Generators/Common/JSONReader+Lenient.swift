internal import JSON

// Providers write null, or a value of another type, where they have no value. The rest of the
// answer is still of use.
extension JSONReader {
    /// Reads a string, or a number as its digits; skips anything else and returns `nil`.
    mutating func readText() throws(JSONError) -> String? {
        switch try peekKind() {
        case .string: return try readString()
        case .number: return try readNumber()
        default:
            try skipValue()
            return nil
        }
    }

    /// Reads a number; skips anything else and returns `nil`.
    mutating func readAmount() throws(JSONError) -> Double? {
        guard try peekKind() == .number else {
            try skipValue()
            return nil
        }
        return Double(try readNumber()).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Reads a count, 0 or more; skips anything else and returns `nil`.
    mutating func readCount() throws(JSONError) -> Int? {
        try readAmount().flatMap { 0...1e15 ~= $0 ? Int($0) : nil }
    }

    /// Reads a value, and returns whether it is `true`.
    mutating func readIsTrue() throws(JSONError) -> Bool {
        guard try peekKind() == .boolean else {
            try skipValue()
            return false
        }
        return try readBoolean()
    }

    /// Reads the members of an object, or skips any other value.
    mutating func readMembers(
        _ read: (inout JSONReader, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try peekKind() == .object else { return try skipValue() }
        try beginObject()
        while let key = try nextKey() { try read(&self, key) }
    }

    /// Reads the elements of an array, or skips any other value.
    mutating func readElements(
        _ read: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try peekKind() == .array else { return try skipValue() }
        try beginArray()
        while try nextElement() { try read(&self) }
    }
}
