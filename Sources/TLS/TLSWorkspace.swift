/// The memory in which records are put together, one for all connections of a thread.
///
/// A record costs more than its bytes: five writes of 200 bytes cost four times one of 1,000
/// (encryption alone). So what waits for a connection is gathered here first.
@safe package final class TLSWorkspace {
    /// The most bytes that one record holds (RFC 8446, 5.1).
    static let recordSize = 16 << 10

    let bytes: UnsafeMutableRawBufferPointer

    package init() {
        unsafe bytes = .allocate(byteCount: Self.recordSize, alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
    }
}
