internal import COpenSSL

/// The blocks of a PEM text (RFC 7468).
enum PEM {
    struct Block {
        /// What the block calls itself, for example `PUBLIC KEY`.
        let name: String
        let bytes: [UInt8]
    }

    /// Returns the blocks that OpenSSL can read, at most 1000; text between them is skipped.
    static func blocks(of text: [UInt8]) -> [Block] {
        var blocks: [Block] = []
        var start = 0
        while blocks.count < 1000, let block = next(in: text, from: &start) { blocks.append(block) }
        return blocks
    }

    private static func next(in text: [UInt8], from start: inout Int) -> Block? {
        var name = [CChar](repeating: 0, count: 64)
        var der: UnsafeMutablePointer<UInt8>?
        let count = unsafe text.withUnsafeBufferPointer { text in
            unsafe name.withUnsafeMutableBufferPointer { name in
                unsafe openssl_next_pem_block(
                    text.baseAddress, text.count, &start, name.baseAddress, &der)
            }
        }
        guard count >= 0, let bytes = unsafe der else { return nil }
        defer { unsafe openssl_free(bytes) }
        return Block(
            name: String(
                decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            bytes: unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
    }
}
