internal import Hub
internal import Reactor
internal import Telemetry

/// How streams began and ended, as one worker counts it.
struct StreamFigures: Sendable {
    /// Why a stream ended, for metrics.
    enum Outcome: String, Sendable, CaseIterable {
        /// Its client has gone.
        case client
        /// Its reader was too slow.
        case slow
        case shutdown
        case tokenExpired = "token_expired"
        case revoked
        /// It was sent all that it asked for.
        case end
        /// The hub could not go on with it.
        case error

        init(_ reason: ClosingReason) {
            self =
                switch reason {
                case .shutdown: .shutdown
                case .slow: .slow
                case .tokenExpired: .tokenExpired
                case .revoked: .revoked
                case .end: .end
                case .overloaded, .unavailable: .error
                }
        }
    }

    /// From where a stream that came with a cursor went on.
    enum Source: String, Sendable, CaseIterable {
        case memory
        case disk
        case resetExpired = "reset_expired"
        case resetEpoch = "reset_epoch"
        case resetFuture = "reset_future"
        case resetMalformed = "reset_malformed"

        init(_ reason: ResetReason) {
            self =
                switch reason {
                case .expired: .resetExpired
                case .epoch: .resetEpoch
                case .future: .resetFuture
                case .malformed: .resetMalformed
                }
        }
    }

    /// Streams by the minor version of HTTP/1 that they speak.
    private(set) var opened = [0, 0]
    private(set) var ended: [Outcome: Int] = [:]
    private(set) var resumed: [Source: Int] = [:]
    private(set) var durations = Histogram(.duration)

    /// Counts a stream that begins; `isChunked` tells HTTP/1.1 from 1.0.
    mutating func noteOpening(isChunked: Bool) { opened[isChunked ? 1 : 0] += 1 }

    mutating func noteResumption(from source: Source) { resumed[source, default: 0] += 1 }

    /// Counts a stream that was open for so many milliseconds.
    mutating func noteEnd(_ outcome: Outcome, after milliseconds: Int) {
        ended[outcome, default: 0] += 1
        durations.add(milliseconds)
    }

    mutating func add(_ other: Self) {
        for version in opened.indices { opened[version] += other.opened[version] }
        ended.merge(other.ended, uniquingKeysWith: +)
        resumed.merge(other.resumed, uniquingKeysWith: +)
        durations.add(other.durations)
    }
}
