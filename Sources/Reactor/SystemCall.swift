internal import CLinux

/// An error number of the operating system, with the call that reported it.
package struct Errno: Error, Equatable, CustomStringConvertible {
    package let code: Int32
    package let call: String

    package init(code: Int32, call: String) {
        self.code = code
        self.call = call
    }

    package var description: String {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(call): \(text)"
    }

    /// Whether the process or the system has no descriptor left (`EMFILE`, `ENFILE`).
    package var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }
}

/// Runs a system call, and repeats it while signals interrupt it.
///
/// - Returns: the result of the call; `nil` when it would block.
/// - Throws: `Errno` for every error but `EINTR` and `EAGAIN`.
@inline(__always)
func systemCall<Result: FixedWidthInteger & SignedInteger>(
    _ name: StaticString, _ body: () -> Result
) throws(Errno) -> Result? {
    while true {
        let result = body()
        if result >= 0 { return result }
        switch linux_errno() {
        case EINTR: continue
        case EAGAIN: return nil
        case let code: throw Errno(code: code, call: "\(name)")
        }
    }
}
