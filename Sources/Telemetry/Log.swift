/// A structured logger: constant messages, data in fields, one line each on standard error.
///
/// A line that standard error cannot take at once is dropped and counted, and the count is
/// logged as soon as a line can be written again: a stalled reader never delays the hub.
/// Safe from any thread; copies share their destination.
package struct Log: Sendable {
    /// The severity of a line, in rising order.
    package enum Level: String, Sendable, CaseIterable {
        case debug
        case info
        case warning
        case error
    }

    /// The format of lines.
    package enum Format: String, Sendable, CaseIterable {
        /// `TIME level Message key=value`, for people.
        case text
        /// One object a line with `time`, `level`, `message` and the fields, for collectors.
        case json
    }

    /// A line's data in the order in which it is shown.
    ///
    /// Numbers and booleans stay such in JSON, anything else becomes its description. The names
    /// `time`, `level`, `message` and `truncated` are reserved.
    package typealias Fields = KeyValuePairs<String, any Sendable>

    /// The least level that is written: a line below it costs one comparison, and its fields are
    /// not evaluated.
    package let level: Level
    package let format: Format
    private let output: LineOutput

    /// Creates a logger with a destination of its own.
    ///
    /// - Parameters:
    ///   - level: the least level that is written.
    ///   - format: how lines look.
    ///   - descriptor: where they go; it stays the caller's and must outlive the logger.
    package init(level: Level = .info, format: Format = .text, descriptor: Int32 = 2) {
        self.level = level
        self.format = format
        self.output = LineOutput(descriptor: descriptor)
    }

    package func debug(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.debug, message, fields)
    }

    package func info(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.info, message, fields)
    }

    package func warning(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.warning, message, fields)
    }

    package func error(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.error, message, fields)
    }

    private func write(_ level: Level, _ message: StaticString, _ fields: () -> Fields) {
        guard level >= self.level else { return }
        let now = Timestamp.now
        let line = LogLine(time: now, level: level, message: message, fields: fields())
        output.write(line.rendered(as: format)) { lost in
            LogLine(
                time: now, level: .warning, message: "Log lines were lost", fields: ["lost": lost]
            )
            .rendered(as: format)
        }
    }
}

extension Log.Level: Comparable {
    package static func < (one: Log.Level, other: Log.Level) -> Bool {
        one.rank < other.rank
    }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
