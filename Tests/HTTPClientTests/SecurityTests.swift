import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A secure connection` {
    @Test func `is made to who has a certificate for the name, and to nobody else`() async throws {
        let server = try SecureServer()
        let secure = "https://localhost:\(server.port)/"
        func outcome(of url: String, _ client: Client) async -> ClientError.Kind? {
            await HTTPClientTests.outcome { () async throws(ClientError) in
                _ = try await client.fetch(ClientRequest("GET", url))
            }
        }
        let trusting = try Client(authorities: server.certificate)
        #expect(await outcome(of: secure, trusting) == nil)
        let otherName = "https://127.0.0.1:\(server.port)/"
        #expect(await outcome(of: otherName, trusting) == .insecure)
        #expect(await outcome(of: secure, try Client()) == .insecure)
    }

    @Test func `is not made to who does not know of them`() async throws {
        let peer = try Peer { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.waitForEnd()
        }
        defer { peer.stop() }
        let client = try Client()
        let kind = await outcome { () async throws(ClientError) in
            _ = try await client.send(ClientRequest("GET", "https://127.0.0.1:\(peer.port)/"))
        }
        #expect(kind == .insecure)
    }
}
