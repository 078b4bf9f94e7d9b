import Glibc
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

/// Bytes that do not repeat where buffers and chunks begin: a block of prime length again and
/// again.
func pattern(_ count: Int) -> [UInt8] {
    let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + block.count)
    while bytes.count < count { bytes += block }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// Whether both are the same bytes; fast in a debug build too, where `==` would keep other tests
/// waiting.
func isSame(_ one: ArraySlice<UInt8>, _ other: [UInt8]) -> Bool {
    guard one.count == other.count, !other.isEmpty else { return one.count == other.count }
    return unsafe one.withUnsafeBytes { one in
        unsafe other.withUnsafeBytes { other in
            guard let one = one.baseAddress, let start = other.baseAddress else {
                return false
            }
            return unsafe memcmp(one, start, other.count) == 0
        }
    }
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
