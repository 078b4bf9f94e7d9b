internal import Hub

/// Takes the answers to publications that nobody waits for.
final class SilentPort: BrokerPort {
    static let shared = SilentPort()

    func post(_ frames: [EventFrame]) {}
    func post(_ answer: PublishAnswer, for ticket: UInt64) {}
}
