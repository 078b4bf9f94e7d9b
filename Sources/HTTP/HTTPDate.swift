/// The date format of HTTP, IMF-fixdate (RFC 9110, 5.6.7).
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Formats an instant: `Sun, 06 Nov 1994 08:49:37 GMT` for 784111777 seconds since 1970.
    ///
    /// The day is counted in years that begin in March, so that the leap day comes last
    /// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    /// The seconds may be from 0 up to the end of the year 9999.
    package static func format(secondsSinceEpoch: Int) -> String {
        let (day, second) = secondsSinceEpoch.quotientAndRemainder(dividingBy: 86_400)
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 2 : marchMonth - 10
        let year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
        return "\(days[day % 7]), \(padded(dayOfMonth, 2)) \(months[month]) "
            + "\(padded(year, 4)) \(time.joined(separator: ":")) GMT"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
