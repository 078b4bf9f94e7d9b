internal import Reactor
internal import TLS

extension Transport {
    /// Whether requests can come only after a handshake.
    var needsHandshake: Bool {
        switch self {
        case .plain: false
        case .tls: true
        }
    }

    /// Goes on with the handshake as far as the peer's bytes allow.
    func shakeHands() -> TLSSession.Step {
        switch self {
        case .plain: .finished
        case .tls(let session): session.shakeHands()
        }
    }

    /// Ends a handshake that will not succeed, because of what came before it.
    func giveUpHandshake() {
        switch self {
        case .plain: break
        case .tls(let session): session.giveUp()
        }
    }

    /// Receives bytes that `peek` has shown, which of an encrypted connection stand before the
    /// handshake.
    func receiveUnencrypted(into buffer: UnsafeMutableRawBufferPointer) {
        switch self {
        case .plain(let socket): _ = unsafe socket.receive(into: buffer)
        case .tls(let session): unsafe session.receiveBeforeHandshake(into: buffer)
        }
    }

    /// Whether the handshake goes on once the socket takes bytes.
    var waitsToWrite: Bool {
        switch self {
        case .plain: false
        case .tls(let session): session.readWantsWrite
        }
    }

    /// Does what the transport itself waited for, and returns the readiness that is left to the
    /// connection's owner.
    func absorb(_ ready: Readiness) -> Readiness {
        switch self {
        case .plain: ready
        case .tls(let session): session.absorb(ready)
        }
    }

    /// Sends bytes past TLS, to a peer that does not speak it.
    func sendUnencrypted(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .plain(let socket): _ = unsafe socket.send(bytes)
        case .tls(let session): unsafe session.sendUnencrypted(bytes)
        }
    }

    /// The name of the peer by its certificate, if it has shown one.
    var peerName: String? {
        switch self {
        case .plain: nil
        case .tls(let session): session.peerName
        }
    }
}
