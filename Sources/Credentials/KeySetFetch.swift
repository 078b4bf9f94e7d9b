internal import HTTPClient

/// Gets JWK Sets from the URLs that were configured, and from nowhere else.
package struct KeySetFetch: Sendable {
    private let client: Client

    /// The most bytes of a JWK Set.
    package static let maximumBytes = 1 << 20
    private static let timeouts = ClientRequest.Timeouts(connect: 5, stall: 5, total: 10)

    /// - Throws: `CredentialFault` when the process has no descriptor or thread left.
    package init() throws(CredentialFault) {
        do throws(ClientError) { client = try Client() } catch {
            throw CredentialFault("\(error)")
        }
    }

    /// Gets the body; redirects are not followed, because they would lead to where nobody has
    /// configured.
    package func body(of url: String) async -> Result<[UInt8], CredentialFault> {
        do throws(ClientError) {
            let response = try await client.send(
                ClientRequest(
                    "GET", url,
                    fields: [("Accept", "application/jwk-set+json, application/json")],
                    timeouts: Self.timeouts))
            guard response.status == 200 else {
                response.body.abandon()
                let isRedirect = (300...399).contains(response.status)
                return .failure(
                    CredentialFault(
                        "The answer is \(response.status), not 200"
                            + (isRedirect ? "; redirects are not followed." : ".")))
            }
            return .success(try await response.collect(upTo: Self.maximumBytes))
        } catch {
            return .failure(CredentialFault("\(error)"))
        }
    }
}
