internal import Reactor

extension Transport {
    /// What the beginning of a trusted proxy's connection is.
    enum Beginning {
        /// The rest of a header is awaited, or anything at all.
        case incomplete
        /// The peer has ended the connection without a header.
        case ended
        /// A header that is malformed, or whose rest never comes.
        case malformed
        /// A header was there and has been received, or there was none; the client's address if it
        /// was announced.
        case read(announced: IPAddress?)
    }

    /// Takes the header of the PROXY protocol from the beginning of a connection, if there is one.
    ///
    /// It is only looked at until it is whole, and then received to its last byte.
    ///
    /// - Parameters:
    ///   - buffer: Room for `ProxyHeader.maximumLength` bytes.
    ///   - peerHasEnded: Whether the peer sends nothing more.
    /// - Returns: what was found.
    func takeProxyHeader(
        by buffer: UnsafeMutableRawBufferPointer, peerHasEnded: Bool
    ) -> Beginning {
        let buffer = unsafe UnsafeMutableRawBufferPointer(
            rebasing: buffer[..<ProxyHeader.maximumLength])
        let bytes: [UInt8]
        switch unsafe peek(into: buffer) {
        case .wouldBlock: return .incomplete
        case .ended: return .ended
        case .bytes(let count, mayHaveMore: _): bytes = unsafe Array(buffer[..<count])
        }
        switch ProxyHeader(bytes[...]) {
        case .incomplete: return peerHasEnded ? .malformed : .incomplete
        case .malformed: return .malformed
        case .absent: return .read(announced: nil)
        case .complete(let length, let source):
            unsafe receiveUnencrypted(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]))
            return .read(announced: source)
        }
    }
}
