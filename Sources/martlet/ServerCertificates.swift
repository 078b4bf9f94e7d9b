internal import Configuration
internal import Reactor
internal import TLS
internal import Telemetry

/// The certificates of `--tls-cert`, and the log lines about them.
struct ServerCertificates: Sendable {
    /// The time between two looks at the files.
    private static let interval = Duration.seconds(4)
    /// A certificate that expires sooner is warned of, in seconds; certificates that live for 90
    /// days are renewed 30 days before they expire.
    private static let warningTime = Int64(14 * 24 * 60 * 60)

    let certificates: TLSCertificates
    private let logger: Log

    /// Reads the files.
    ///
    /// - Returns: `nil` where connections are not to be encrypted.
    init?(_ configuration: ServeConfiguration, logger: Log) throws(UnusableSetting) {
        guard let certificate = configuration.tls.certificate, let key = configuration.tls.key
        else { return nil }
        let paths = TLSCertificates.Paths(
            certificate: certificate, key: key,
            clientAuthorities: configuration.tls.clientAuthorities)
        do throws(TLSError) {
            certificates = try TLSCertificates(paths, at: Self.now)
        } catch {
            throw UnusableSetting(description: "TLS cannot be used: \(error)")
        }
        self.logger = logger
        warn()
    }

    /// Reads the files again whenever they have changed, until the task is cancelled.
    func watch() async {
        while !Task.isCancelled {
            report(certificates.reload(at: Self.now))
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }

    /// Reads the files again now.
    ///
    /// - Returns: why they were not taken, so that those from before stay; else `nil`.
    func reload() -> String? {
        let outcome = certificates.reload(isAsked: true, at: Self.now)
        if case .refused(let reason) = outcome { return "\(reason)" }
        report(outcome)
        return nil
    }

    private func report(_ outcome: TLSCertificates.Outcome) {
        switch outcome {
        case .unchanged, .unsettled: break
        case .taken:
            logger.info(
                "New TLS certificates are used for new connections",
                ["file": certificates.paths.certificate])
            warn()
        case .refused(let reason):
            logger.error(
                "New TLS certificates cannot be used, those from before stay", ["reason": reason])
        }
    }

    private func warn() {
        let context = certificates.context
        if context.isRSA {
            logger.warning(
                "The TLS key is one of RSA: a handshake costs twice the processor time of one with an elliptic curve (ECDSA, P-256)",
                ["file": certificates.paths.key])
        }
        if context.expiry - Self.now < Self.warningTime {
            logger.warning(
                "The TLS certificate expires soon",
                [
                    "file": certificates.paths.certificate,
                    "hours": max(0, context.expiry - Self.now) / 3600,
                ])
        }
    }

    private static var now: Int64 { Timestamp.now.milliseconds / 1000 }
}
