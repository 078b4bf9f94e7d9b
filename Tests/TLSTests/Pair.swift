import COpenSSL
import Glibc

@testable import Reactor
@testable import TLS

/// A session and a client that are connected with each other, without a network.
final class Pair {
    let session: TLSSession
    let client: TestClient
    private let ends: [Int32]

    init(
        _ context: TLSContext, _ kind: TestClient.Kind = TestClient.Kind(), sendBuffer: Int32? = nil
    ) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            preconditionFailure("socketpair failed with errno \(errno)")
        }
        if var sendBuffer { unsafe setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &sendBuffer, 4) }
        self.ends = ends
        session = TLSSession(
            Socket(descriptor: ends[0]), context: context, workspace: TLSWorkspace())
        client = TestClient(Socket(descriptor: ends[1]), kind)
    }

    /// Finishes the handshake.
    static func open(
        _ context: TLSContext, _ kind: TestClient.Kind = TestClient.Kind(), sendBuffer: Int32? = nil
    ) -> Pair {
        let pair = Pair(context, kind, sendBuffer: sendBuffer)
        let step = pair.shakeHands()
        precondition(step == .finished, "\(step)")
        return pair
    }

    deinit {
        session.close()
        close(ends[1])
    }

    /// Lets both sides go on until the session's handshake has ended.
    func shakeHands() -> TLSSession.Step {
        for _ in 0..<20 {
            _ = client.shakeHands()
            client.pass()
            let step = session.shakeHands()
            _ = client.shakeHands()
            client.pass()
            if step != .waits { return step }
        }
        return .waits
    }

    /// What the session receives, up to `limit` bytes in each call, and the last result.
    func receive(limit: Int = 1 << 16) -> (text: String, last: TLSSession.Received) {
        var all: [UInt8] = []
        while true {
            let (bytes, result) = receiveOnce(limit: limit)
            all += bytes
            guard case .bytes(_, mayHaveMore: true) = result else {
                return (String(decoding: all, as: UTF8.self), result)
            }
        }
    }

    func receiveOnce(limit: Int = 1 << 16) -> (bytes: [UInt8], result: TLSSession.Received) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 1)
        defer { unsafe buffer.deallocate() }
        let result = unsafe session.receive(into: buffer)
        guard case .bytes(let count, _) = result else { return ([], result) }
        return (unsafe Array(buffer[..<count]), result)
    }

    func send(_ text: String) -> Socket.Sent { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) -> Socket.Sent {
        unsafe bytes.withUnsafeBytes { unsafe session.send($0) }
    }

    /// Sends several pieces by one call.
    func send(_ pieces: [[UInt8]]) -> Socket.Sent {
        let vectors = IOVectors()
        let memory = ReadBuffer(byteCount: pieces.reduce(1) { $0 + $1.count })
        return withExtendedLifetime(memory) {
            var start = 0
            for piece in pieces {
                let place = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: memory.bytes[start..<start + piece.count])
                unsafe place.copyBytes(from: piece)
                unsafe vectors.append(UnsafeRawBufferPointer(place))
                start += piece.count
            }
            return session.send(vectors)
        }
    }

    /// Tells the session that its socket is ready for all.
    func becomeReady() -> Readiness {
        session.absorb(Readiness(token: 1, flags: 0).with(canRead: true, canWrite: true))
    }
}
