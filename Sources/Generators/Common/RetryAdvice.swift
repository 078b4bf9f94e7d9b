internal import Glibc

/// Decides whether and when a refused request may be sent again, by what came with the refusal.
struct RetryAdvice {
    var status: Int
    var message: ProviderMessage
    /// The value of a field of the response, by its name.
    var field: (String) -> String?
    /// The present time in seconds since 1970, to which a date in a field is compared.
    var now: Double = RetryAdvice.currentSeconds

    var retry: GenerationError.Retry {
        // A spent quota has the status of too many requests, but waiting does not help.
        if message.isOutOfQuota || message.isForContent { return .never }
        switch field("x-should-retry")?.lowercased() {
        case "true": return whenAsked
        case "false": return .never
        default: return Self.isTransient(status) ? whenAsked : .never
        }
    }

    /// Whether a status means that the same request may succeed later.
    static func isTransient(_ status: Int) -> Bool {
        status == 408 || status == 409 || status == 429 || status >= 500
    }

    /// The time for another attempt that the response's fields name.
    ///
    /// They are read in the order of OpenAI's own client: milliseconds, seconds, a date (RFC 9110,
    /// 10.2.3).
    private var whenAsked: GenerationError.Retry {
        let seconds =
            field("retry-after-ms").flatMap(Double.init).map { $0 / 1000 }
            ?? field("retry-after").flatMap {
                Double($0) ?? Self.secondsSinceEpoch($0).map { Double($0) - now }
            }
        guard let seconds, seconds.isFinite, seconds > 0 else { return .later }
        return .after(seconds)
    }

    /// The present time in seconds since 1970.
    ///
    /// time(2) is not used because it lags by up to a tick, and so still gives the second before at
    /// the turn of a second.
    private static var currentSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Returns the time of an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
    ///
    /// The day is counted in years that begin in March, so that the leap day comes last
    /// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
    static func secondsSinceEpoch(_ date: String) -> Int? {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let words = date.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]),
            1...31 ~= day, 1970...9999 ~= year
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else {
            return nil
        }
        let marchMonth = (month + 10) % 12
        let marchYear = month < 2 ? year - 1 : year
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        let days =
            marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear
            - 719_468
        return days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }
}
