internal import Glibc

/// One line on standard error that says how far a long command is; nothing unless that is a
/// terminal.
final class Progress {
    private static let interval = Duration.milliseconds(200)

    private let isShown = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now.advanced(by: interval)
    private var isOnLine = false

    /// Shows the text instead of the last one, unless that is too new to be read.
    func show(_ text: @autoclosure () -> String) {
        guard isShown, ContinuousClock.now >= next else { return }
        write("\r\u{1B}[K" + text())
        isOnLine = true
        next = .now.advanced(by: Self.interval)
    }

    /// Frees the line for something else.
    func clear() {
        if isOnLine { write("\r\u{1B}[K") }
        isOnLine = false
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
