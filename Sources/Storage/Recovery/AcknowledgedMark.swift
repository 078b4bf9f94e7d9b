// The newest event that was acknowledged, noted beside the database.
//
// Problem: a store itself does not show that its newest events are missing. A log whose last part
//   is damaged or forgotten, a database copied without its log, a restored backup: each looks like
//   a log that ended there, and the sequences that clients have seen are given once more.
// So the writer notes the newest event in the lock's file after each commit, before anyone is
//   answered. When a store of the same epoch ends before that event, acknowledged events are
//   missing.
// Invariant: the mark is never ahead of what is durable. It may be behind: it is not synced, so
//   that power loss may take the newest of it, and it is not written where its file cannot be. On
//   the same boot of the machine it is exact, since a process that is killed leaves its writes with
//   the system; so the boot is noted as well.
// Cost: one write of 36 bytes to the page cache per commit.

internal import Glibc

/// The mark in the store's lock file.
struct AcknowledgedMark {
    /// An event, by the epoch of its log and its sequence.
    struct Event: Equatable {
        let epoch: String
        let sequence: UInt64

        init(epoch: String, sequence: UInt64) {
            self.epoch = epoch
            self.sequence = sequence
        }

        /// Reads `<epoch>-<sequence>`, with spaces behind it.
        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, (1...13).contains(parts[0].utf8.count),
                let sequence = UInt64(parts[1].prefix { $0 != " " && $0 != "\n" })
            else { return nil }
            self.init(epoch: String(parts[0]), sequence: sequence)
        }
    }

    /// The number of bytes of the mark: the longest event's id, filled up with spaces, and a line
    /// feed.
    ///
    /// Every mark is written in this length, so that no part of an older one is left.
    static let size = 36

    /// The number of bytes of the boot's identity, with a line feed, behind the mark.
    private static let bootSize = 37

    private let descriptor: Int32

    /// The mark in an open file, which stays the caller's.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The event that was noted; `nil` when there is none, as in a new file or one of an older
    /// version.
    func read() -> Event? {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        guard unsafe pread(descriptor, &bytes, Self.size, 0) == Self.size else { return nil }
        return Event(String(decoding: bytes, as: UTF8.self))
    }

    /// Whether the mark was written since the machine was started.
    var isOfThisBoot: Bool {
        var bytes = [UInt8](repeating: 0, count: Self.bootSize)
        let count = unsafe pread(descriptor, &bytes, Self.bootSize, off_t(Self.size))
        guard count == Self.bootSize, let boot = Boot.id else { return false }
        return Array("\(boot)\n".utf8) == bytes
    }

    /// Notes the machine's present boot, to which all marks from now on belong.
    ///
    /// If that cannot be written, the note of another boot stays, and the marks do not count as
    /// exact.
    func begin() {
        guard let boot = Boot.id else { return }
        let bytes = Array("\(boot)\n".utf8)
        _ = unsafe pwrite(descriptor, bytes, bytes.count, off_t(Self.size))
    }

    /// Notes the newest acknowledged event.
    ///
    /// If that cannot be written, an older mark stays: a later start may then miss a loss, but
    /// reports no false one.
    func write(_ event: Event) {
        var bytes = Array("\(event.epoch)-\(event.sequence)".utf8)
        bytes += repeatElement(UInt8(ascii: " "), count: max(0, Self.size - 1 - bytes.count))
        bytes.append(UInt8(ascii: "\n"))
        _ = unsafe pwrite(descriptor, bytes, bytes.count, 0)
    }
}
