/// The hash FNV-1a with 64 bits, the same in every run and on every machine (RFC 9923).
///
/// It spreads well, but does not protect against those who look for two texts with one hash.
package struct FNV1a: Sendable {
    /// The hash of what was added so far.
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// Adds the bytes of a text in UTF-8.
    package mutating func add(_ text: String) { add(all: text.utf8) }

    package mutating func add(_ bytes: [UInt8]) { add(all: bytes) }

    /// Mixes a number of 64 bits into the hash, such as a counter into the hash of a name.
    ///
    /// It takes one step, where FNV-1a takes one for each byte.
    package mutating func add(step number: UInt64) { value = (value ^ number) &* Self.prime }

    /// Returns the hash of a text in UTF-8.
    package static func hash(_ text: String) -> UInt64 {
        var hash = Self()
        hash.add(text)
        return hash.value
    }

    private static let prime: UInt64 = 0x100_0000_01B3

    @inline(__always)
    private mutating func add(all bytes: some Sequence<UInt8>) {
        var hash = value
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* Self.prime }
        value = hash
    }
}
