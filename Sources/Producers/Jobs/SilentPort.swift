internal import Hub

/// Ignores the answers to publications, for publishers that do not wait for them.
final class SilentPort: BrokerPort {
    static let shared = SilentPort()

    func post(_ frames: [EventFrame]) {}
    func post(_ answer: PublishAnswer, for ticket: UInt64) {}
}
