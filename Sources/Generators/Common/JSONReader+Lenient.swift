internal import JSON

// Providers write null, or another type, where they have nothing to say; that is no reason to
// refuse the rest.
extension JSONReader {
    /// A string, or a number as its digits; `nil` for anything else, which is passed over.
    mutating func readText() throws(JSONError) -> String? {
        switch try peekKind() {
        case .string: return try readString()
        case .number: return try readNumber()
        default:
            try skipValue()
            return nil
        }
    }

    /// A number; `nil` for anything else, which is passed over.
    mutating func readAmount() throws(JSONError) -> Double? {
        guard try peekKind() == .number else {
            try skipValue()
            return nil
        }
        return Double(try readNumber()).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A count of something, 0 or more; `nil` for anything else, which is passed over.
    mutating func readCount() throws(JSONError) -> Int? {
        try readAmount().flatMap { 0...1e15 ~= $0 ? Int($0) : nil }
    }

    /// `true`; anything else is not.
    mutating func readIsTrue() throws(JSONError) -> Bool {
        guard try peekKind() == .boolean else {
            try skipValue()
            return false
        }
        return try readBoolean()
    }

    /// Reads the members of an object; passes over anything else.
    mutating func readMembers(
        _ read: (inout JSONReader, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try peekKind() == .object else { return try skipValue() }
        try beginObject()
        while let key = try nextKey() { try read(&self, key) }
    }

    /// Reads the elements of an array; passes over anything else.
    mutating func readElements(
        _ read: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try peekKind() == .array else { return try skipValue() }
        try beginArray()
        while try nextElement() { try read(&self) }
    }
}
