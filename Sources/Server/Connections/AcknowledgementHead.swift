internal import HTTP

/// The encoded head of the answer to a publisher, all up to `Content-Length`.
///
/// It is encoded again only when the date changes.
struct AcknowledgementHead {
    private var date: String?
    private var bytes: [UInt8] = []

    mutating func value(date: String, constant: [UInt8]) -> [UInt8] {
        if date != self.date {
            self.date = date
            bytes = Response.json { _ in }.encodedFields(
                close: false, date: date, constant: constant)
        }
        return bytes
    }
}
