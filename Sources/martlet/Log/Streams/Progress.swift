internal import Glibc

/// One line on standard error that says how far a long command is, if that is a terminal.
final class Progress {
    private static let interval = Duration.milliseconds(200)

    private let isShown = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now.advanced(by: interval)
    private var isOnLine = false

    /// Shows the text instead of the last one, at most once in 200 milliseconds.
    func show(_ text: @autoclosure () -> String) {
        guard isShown, ContinuousClock.now >= next else { return }
        write("\r\u{1B}[K" + text())
        isOnLine = true
        next = .now.advanced(by: Self.interval)
    }

    /// Clears the line, so that something else can be written.
    func clear() {
        if isOnLine { write("\r\u{1B}[K") }
        isOnLine = false
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
