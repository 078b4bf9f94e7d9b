internal import HTTP
internal import Reactor
internal import Telemetry

extension RequestDesk {
    /// Takes the header of the PROXY protocol from the beginning of a connection, if its peer is a
    /// trusted proxy and sends one.
    ///
    /// The header is only looked at until it is whole, and then received to its last byte. It is
    /// not looked for on a connection of TLS, before whose handshake it would have to be read.
    ///
    /// - Returns: whether the transport is to be read now; if not, the rest of the header is
    ///   awaited, or the connection ends.
    func takeProxyHeader(_ connection: Connection, _ state: RequestState) -> Bool {
        let transport = connection.transport
        guard !transport.isEncrypted, origins.trusts(IPAddress(ofPeer: transport.descriptor)) else {
            state.mayBeginWithProxyHeader = false
            return true
        }
        let buffer = unsafe UnsafeMutableRawBufferPointer(
            rebasing: connections.readBuffer.bytes[..<ProxyHeader.maximumLength])
        let bytes: [UInt8]
        switch unsafe transport.peek(into: buffer) {
        case .wouldBlock:
            state.http.didReceiveNothing()
            return false
        case .ended:
            state.http.inputEnded()
            return false
        case .bytes(let count, mayHaveMore: _): bytes = unsafe Array(buffer[..<count])
        }
        switch ProxyHeader(bytes[...]) {
        case .incomplete where !connection.peerHasEnded:
            state.http.didReceiveNothing()
            return false
        case .incomplete, .malformed:
            // Nobody is there to be answered: a proxy that is set wrong, or a request that was
            // never begun.
            logger.warning("A header of the PROXY protocol is malformed")
            state.http.inputEnded()
            return false
        case .absent: break
        case .complete(let length, let source):
            _ = unsafe transport.receive(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]))
            state.announcedAddress = source
        }
        state.mayBeginWithProxyHeader = false
        return true
    }
}

extension Connection {
    /// Where it comes from: the address that a trusted proxy announced, else that of the peer.
    ///
    /// It is `nil` when the peer has gone.
    var senderAddress: IPAddress? {
        requests?.announcedAddress ?? IPAddress(ofPeer: transport.descriptor)
    }
}
