package import Records

/// Records in ascending order, complete up to `end`.
package struct EventRecordPage: Sendable, Equatable {
    package let records: [EventRecord]
    package let end: UInt64
}

/// How much of the log is kept.
package struct Retention: Sendable {
    /// Milliseconds.
    package let age: Int64
    package let count: Int
    /// Bytes of the file that are in use.
    package let bytes: Int

    package init(age: Int64, count: Int, bytes: Int) {
        self.age = age
        self.count = max(0, count)
        self.bytes = bytes
    }
}

/// When the store asks the disk to confirm what it wrote.
///
/// In each of these modes a crash of the process loses nothing that was committed, since the kernel
/// has it.
package enum Synchronous: Sendable {
    /// In each commit: power loss loses nothing either, if the disk keeps what it confirms.
    case full
    /// At checkpoints: power loss may lose the last commits, and the file stays whole.
    case normal
    /// Never: power loss may lose the last commits, and the file may be damaged.
    case off

    /// The value of `PRAGMA synchronous`.
    var pragma: String {
        switch self {
        case .full: "FULL"
        case .normal: "NORMAL"
        case .off: "OFF"
        }
    }
}

/// The kind of a resource name: the part before its first colon.
///
/// Bytes are compared, because a colon or a comma and a combining mark behind it are one
/// `Character`.
func kind(of resource: String) -> Substring {
    Substring(resource.utf8.prefix { $0 != UInt8(ascii: ":") })
}

/// The names in a list as the store keeps it.
func names(in list: String) -> [String] {
    list.utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
}
