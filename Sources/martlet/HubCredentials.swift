internal import Access
internal import Configuration
internal import Credentials
internal import Server
internal import Telemetry

/// The credentials that a hub was started with, and the gate that asks for them.
struct HubCredentials: Sendable {
    let gate: Gate
    private let sources: CredentialSources
    /// The names of API keys whose streams are to end.
    private let revoked: AsyncStream<[String]>

    /// Reads all files.
    ///
    /// - Throws: `UnusableSetting` for the first one that cannot be used.
    init(_ configuration: ServeConfiguration, logger: Log) throws(UnusableSetting) {
        let settings = configuration.credentials
        let (revoked, revocation) = AsyncStream.makeStream(of: [String].self)
        do throws(CredentialFault) {
            // Without URLs nothing is fetched, and no client with its thread is made.
            let client = try settings.jwtKeySetURLs.isEmpty ? nil : KeySetFetch()
            sources = try CredentialSources(
                settings, logger: logger,
                fetch: { url in
                    guard let client else { preconditionFailure("no URL of keys is configured") }
                    return await client.body(of: url)
                }, revoke: { revocation.yield($0) })
        } catch {
            throw UnusableSetting(description: error.description)
        }
        self.revoked = revoked
        var exceptions = Gate.Exceptions()
        exceptions.isMediaPrivate = settings.hasPrivateMedia
        exceptions.areMetricsPublic = settings.hasPublicMetrics
        gate = Gate(
            sources.control, exceptions: exceptions, logger: logger,
            fetchKeys: { [sources] in await sources.fetchKeys(of: $0) })
    }

    /// Looks after files and URLs, and ends the streams of revoked keys, until it is cancelled.
    func run(for server: HubServer) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await sources.run() }
            group.addTask {
                for await names in revoked { await server.endStreams(ofKeys: names) }
            }
        }
    }

    /// Reads all files again.
    ///
    /// - Returns: a sentence for each file that was not taken, whose old content stays in force.
    func reload() -> [String] { sources.reload() }
}
