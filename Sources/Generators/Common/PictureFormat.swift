/// Recognises the format of a picture by its first bytes, whatever type the server names.
enum PictureFormat {
    /// Makes a picture of bytes; `nil` when they are neither PNG nor JPEG nor WebP.
    static func picture(_ bytes: [UInt8]) -> Picture? {
        let mediaType: String
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            mediaType = "image/png"
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            mediaType = "image/jpeg"
        } else if bytes.starts(with: Array("RIFF".utf8)),
            bytes.dropFirst(8).starts(with: Array("WEBP".utf8))
        {
            mediaType = "image/webp"
        } else {
            return nil
        }
        return Picture(mediaType: mediaType, bytes: bytes)
    }

    /// Makes a picture of base64, bare or in a `data:` URL; `nil` when it is none.
    static func picture(base64 text: String) -> Picture? {
        var bytes = text.utf8[...]
        if text.hasPrefix("data:"), let comma = bytes.firstIndex(of: UInt8(ascii: ",")) {
            bytes = bytes[bytes.index(after: comma)...]
        }
        return Base64.decode(bytes).flatMap(picture)
    }
}
