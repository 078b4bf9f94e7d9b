internal import HTTP
internal import Telemetry

/// The value of the field `Date`, which is formatted again only when the second changes.
struct DateField {
    private var second = Int64.min
    private var text = ""

    mutating func value() -> String {
        let now = Timestamp.now.milliseconds / 1000
        if now != second {
            second = now
            text = HTTPDate.format(secondsSinceEpoch: Int(now))
        }
        return text
    }
}
