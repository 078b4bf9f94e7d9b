internal import CSQLite

/// The machine's present boot.
enum Boot {
    /// The boot's identity (random(4)), the same for every process until the machine goes down.
    ///
    /// It is `nil` when the system does not tell.
    static var id: String? {
        var buffer = [CChar](repeating: 0, count: 64)
        guard unsafe store_boot_id(&buffer, 64) > 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
}
