import HTTPClient

/// What a client's call came to.
func outcome(
    _ body: () async throws(ClientError) -> Void
) async -> ClientError.Kind? {
    do throws(ClientError) {
        try await body()
        return nil
    } catch {
        return error.kind
    }
}

extension Client {
    /// Sends and reads all of the body.
    func fetch(_ request: ClientRequest) async throws(ClientError) -> (
        response: ClientResponse, body: [UInt8]
    ) {
        let response = try await send(request)
        let body = try await response.collect(upTo: 1 << 30)
        return (response, body)
    }

    func text(_ request: ClientRequest) async throws(ClientError) -> String {
        String(decoding: try await fetch(request).body, as: UTF8.self)
    }
}

/// Bytes in which no piece looks like another.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) }
}

/// `bytes` as a chunked body.
func chunked(_ bytes: [UInt8], size: Int) -> [UInt8] {
    var body: [UInt8] = []
    var index = 0
    while index < bytes.count {
        let end = min(bytes.count, index + size)
        body += Array("\(String(end - index, radix: 16))\r\n".utf8) + bytes[index..<end]
        body += Array("\r\n".utf8)
        index = end
    }
    return body + Array("0\r\n\r\n".utf8)
}
