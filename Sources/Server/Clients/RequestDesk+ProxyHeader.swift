internal import HTTP
internal import Reactor
internal import Telemetry

extension RequestDesk {
    /// Takes the header of the PROXY protocol from the beginning of a connection, if its peer is a
    /// trusted proxy and sends one.
    ///
    /// It comes before the handshake of TLS, where `HandshakeDesk` takes it.
    ///
    /// - Returns: whether the transport is to be read now; if not, the rest of the header is
    ///   awaited, or the connection ends.
    func takeProxyHeader(_ connection: Connection, _ state: RequestState) -> Bool {
        let transport = connection.transport
        guard !transport.isEncrypted, origins.trusts(IPAddress(ofPeer: transport.descriptor)) else {
            state.mayBeginWithProxyHeader = false
            return true
        }
        let beginning = unsafe transport.takeProxyHeader(
            by: connections.readBuffer.bytes, peerHasEnded: connection.peerHasEnded)
        switch beginning {
        case .incomplete: state.http.didReceiveNothing()
        case .ended: state.http.inputEnded()
        case .malformed:
            // Nobody is there to be answered: a proxy that is set wrong, or a request that was
            // never begun.
            logger.warning("A header of the PROXY protocol is malformed")
            state.http.inputEnded()
        case .read(let announced):
            state.announcedAddress = announced
            state.mayBeginWithProxyHeader = false
            return true
        }
        return false
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
