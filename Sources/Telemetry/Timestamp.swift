internal import Glibc

/// A point in civil time in whole milliseconds, written in the format of RFC 3339, in UTC.
///
/// The calendar is computed here rather than by `gmtime_r`: it needs no locale, no time zone
/// and no Foundation. The algorithm is Howard Hinnant's `civil_from_days`.
package struct Timestamp: Sendable, Hashable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The time of the machine's wall clock, which may jump: measure durations with another clock.
    package static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension Timestamp: CustomStringConvertible {
    /// The most bytes that `write` needs: the largest year has nine digits and a sign.
    package static let maximumLength = 30

    /// For example `2026-11-21T01:02:03.456Z`; the years 0 to 9999 give 24 characters.
    package var description: String {
        unsafe String(unsafeUninitializedCapacity: Self.maximumLength) { unsafe write(to: $0) }
    }

    /// Writes the text of `description` into `bytes`, without allocating.
    ///
    /// Each event that is published or replayed has a time.
    ///
    /// - Parameter bytes: Room for `maximumLength` bytes.
    /// - Returns: the number of bytes that were written.
    package func write(to bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let (days, ofDay) = milliseconds.flooredDivision(by: 86_400_000)
        let date = Self.civil(days: days)
        var text = unsafe TextWriter(bytes: bytes)
        text.append(year: date.year)
        text.append(date.month, after: "-")
        text.append(date.day, after: "-")
        text.append(ofDay / 3_600_000, after: "T")
        text.append(ofDay / 60_000 % 60, after: ":")
        text.append(ofDay / 1000 % 60, after: ":")
        text.append(ofDay % 1000 / 10, after: ".")
        text.append(digit: ofDay % 10)
        text.append("Z")
        return text.count
    }

    /// Returns the Gregorian date of a day counted from 1970-01-01.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years start in March, so that the leap day is a year's last; an era is 400 years.
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    /// Divides and rounds towards minus infinity, so that days before 1970 come out right.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Writes the digits and punctuation of a time into memory that has room for them.
@safe private struct TextWriter {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(bytes: UnsafeMutableBufferPointer<UInt8>) {
        precondition(bytes.count >= Timestamp.maximumLength, "there is no room for a time")
        unsafe self.bytes = bytes
    }

    /// Appends a year with at least four digits.
    @inline(__always)
    mutating func append(year: Int64) {
        if year < 0 { append("-") }
        var divisor: UInt64 = 1000
        while year.magnitude / divisor > 9 { divisor *= 10 }
        while divisor > 0 {
            append(digit: Int64(year.magnitude / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends `mark`, and behind it a number from 0 to 99 with two digits.
    @inline(__always)
    mutating func append(_ number: Int64, after mark: Unicode.Scalar) {
        append(mark)
        append(digit: number / 10)
        append(digit: number % 10)
    }

    @inline(__always)
    mutating func append(digit: Int64) {
        append(Unicode.Scalar(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)))
    }

    @inline(__always)
    mutating func append(_ mark: Unicode.Scalar) {
        unsafe bytes[count] = UInt8(truncatingIfNeeded: mark.value)
        count &+= 1
    }
}
