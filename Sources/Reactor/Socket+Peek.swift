internal import CLinux

extension Socket {
    /// Copies the bytes that were received so far into `buffer`, and leaves them to be received
    /// (recv(2), MSG_PEEK).
    package func peek(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        do {
            let count = try systemCall("recv") {
                unsafe recv(
                    descriptor, buffer.baseAddress, buffer.count, Int32(MSG_PEEK))
            }
            guard let count else { return .wouldBlock }
            return count == 0 ? .ended : .bytes(count)
        } catch {
            return .ended
        }
    }
}
