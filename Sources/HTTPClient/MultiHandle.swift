internal import CCurl

/// A curl multi handle, which holds the running transfers and the cache of connections; used on one
/// thread only.
@safe final class MultiHandle {
    /// Connections that are kept open for the next request.
    private static let idleConnections = 16

    private let handle: UnsafeMutableRawPointer

    init?() {
        guard let handle = unsafe curl_multi_init() else { return nil }
        unsafe self.handle = handle
        _ = unsafe multi_set_number(handle, CURLMOPT_MAXCONNECTS, Self.idleConnections)
    }

    deinit {
        unsafe curl_multi_cleanup(handle)
    }

    /// Begins a transfer.
    ///
    /// - Returns: why it could not be begun; `nil` when it was.
    func add(_ easy: EasyHandle) -> String? {
        let code = unsafe curl_multi_add_handle(handle, easy.handle)
        guard code != CURLM_OK else { return nil }
        return unsafe String(cString: curl_multi_strerror(code))
    }

    /// Ends a transfer, and closes its connection unless the transfer was complete.
    func remove(_ easy: EasyHandle) {
        _ = unsafe curl_multi_remove_handle(handle, easy.handle)
    }

    /// Lets curl do all that needs no waiting.
    func perform() {
        var running: Int32 = 0
        _ = unsafe curl_multi_perform(handle, &running)
    }

    /// Returns a transfer that has ended and was not returned before; `nil` when there is none.
    func nextEnded() -> (id: UInt64, code: CURLcode)? {
        var id: UInt64 = 0
        var code = CURLE_OK
        return unsafe multi_next_ended(handle, &id, &code) == 1 ? (id, code) : nil
    }

    /// Waits until there is something to do, for at most `milliseconds`.
    ///
    /// - Returns: whether `descriptor` is readable.
    func wait(for descriptor: Int32, milliseconds: Int) -> Bool {
        unsafe multi_wait(handle, descriptor, Int32(clamping: milliseconds)) != 0
    }
}
