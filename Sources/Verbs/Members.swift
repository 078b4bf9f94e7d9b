internal import JSON

/// The members of a JSON object, each value as its text, read only when it is asked for.
package struct Members: Sendable {
    private var values: [String: [UInt8]] = [:]

    /// Reads an object; `nil` for anything else.
    package init?(_ bytes: [UInt8]) {
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                var value: [UInt8] = []
                try reader.copyValue(into: &value)
                values[key] = value
            }
            try reader.finish()
        } catch {
            return nil
        }
    }

    /// Returns a member's value as JSON.
    package func json(_ name: String) -> [UInt8]? { values[name] }

    package func string(_ name: String) -> String? {
        read(name) { reader throws(JSONError) in try reader.readString() }
    }

    package func number(_ name: String) -> Double? {
        read(name) { reader throws(JSONError) in try reader.readDouble() }
    }

    package func boolean(_ name: String) -> Bool? {
        read(name) { reader throws(JSONError) in try reader.readBoolean() }
    }

    package func object(_ name: String) -> Members? { values[name].flatMap(Members.init) }

    /// Returns the strings of a member that is an array; empty when it is none.
    package func strings(_ name: String) -> [String] {
        read(name) { reader throws(JSONError) in
            var strings: [String] = []
            try reader.beginArray()
            while try reader.nextElement() { strings.append(try reader.readString()) }
            return strings
        } ?? []
    }

    /// Returns the objects of a member that is an array; empty when it is none.
    package func objects(_ name: String) -> [Members] {
        let texts = read(name) { reader throws(JSONError) in
            var texts: [[UInt8]] = []
            try reader.beginArray()
            while try reader.nextElement() {
                var text: [UInt8] = []
                try reader.copyValue(into: &text)
                texts.append(text)
            }
            return texts
        }
        return (texts ?? []).compactMap(Members.init)
    }

    private func read<Value>(
        _ name: String, _ body: (inout JSONReader) throws(JSONError) -> Value
    ) -> Value? {
        guard let text = values[name] else { return nil }
        var reader = JSONReader(text)
        return try? body(&reader)
    }
}
