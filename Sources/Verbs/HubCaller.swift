package import HTTPClient
internal import JSON

/// Calls a hub with the credentials of a command.
package struct HubCaller: Sendable {
    /// The hub said no.
    package struct Refusal: Error, CustomStringConvertible {
        package let status: Int
        /// The hub's sentence, or one that names the status.
        package let description: String
        /// Seconds to wait, if the hub says so.
        package let retryAfter: Double?
        package let problem: Members?
    }

    /// The most bytes of an answer that is no stream.
    private static let maximumAnswer = 16 << 20

    /// Without a slash at its end.
    package let url: String
    private let token: String?
    private let client: Client

    /// - Throws: `ClientError` when the process has no descriptor or thread left.
    package init(url: String, token: String?) throws(ClientError) {
        self.url = url
        self.token = token
        client = try Client()
    }

    /// Sends a request and returns the response, whatever its status.
    package func send(
        _ method: String, _ path: String, fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, timeouts: ClientRequest.Timeouts = .init(stall: 20, total: 60)
    ) async throws(ClientError) -> ClientResponse {
        var fields = fields
        if let token { fields.append(("Authorization", "Bearer \(token)")) }
        if body != nil, !fields.contains(where: { $0.name == "Content-Type" }) {
            fields.append(("Content-Type", "application/json"))
        }
        return try await client.send(
            ClientRequest(method, url + path, fields: fields, body: body, timeouts: timeouts))
    }

    /// Sends a request and returns the body of its answer.
    ///
    /// - Throws: `ClientError`; `Refusal` for a status that is no success.
    package func call(
        _ method: String, _ path: String, body: [UInt8]? = nil, type: String = "application/json"
    ) async throws -> [UInt8] {
        let fields = body == nil ? [] : [(name: "Content-Type", value: type)]
        let response = try await send(method, path, fields: fields, body: body)
        guard 200...299 ~= response.status else { throw await Self.refusal(response) }
        return try await response.collect(upTo: Self.maximumAnswer)
    }

    /// Opens a stream.
    ///
    /// - Throws: `ClientError`; `Refusal` for a status that is no success.
    package func open(_ path: String, cursor: String?) async throws -> ClientResponse {
        var fields = [(name: "Accept", value: "text/event-stream")]
        if let cursor { fields.append(("Last-Event-ID", cursor)) }
        let response = try await send(
            "GET", path, fields: fields, timeouts: .init(connect: 5, stall: 90, total: 0))
        guard response.status == 200 else { throw await Self.refusal(response) }
        return response
    }

    /// Reads what a response that is no success says.
    package static func refusal(_ response: ClientResponse) async -> Refusal {
        let body = (try? await response.collect(upTo: 1 << 20)) ?? []
        let problem = Members(body)
        let status = response.status
        return Refusal(
            status: status,
            description: problem?.string("detail") ?? "The answer is \(status), without a reason.",
            retryAfter: response.field("Retry-After").flatMap(Double.init), problem: problem)
    }

    /// Percent-encodes a value of a query, apart from what names of resources often have.
    package static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122: encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "-._~:,*".utf8.contains(byte):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
            }
        }
        return encoded
    }
}
