internal import Configuration
internal import Server
internal import Telemetry

/// A part of the hub that reads its files again on SIGHUP.
struct Reloadable: Sendable {
    /// The error that a file cannot be used; the values that were read before stay.
    struct Failure: Error {
        /// A sentence for the log, without secrets.
        let problem: String
    }

    /// The name of the part in the log, for example `origins`.
    let part: String
    /// Reads the files, and takes what they say as a whole or not at all.
    let reload: @Sendable () async throws(Failure) -> Void
}

extension Serve {
    /// Has every part read its files again, one after the other; a bad file concerns its part
    /// alone.
    func reload(_ parts: [Reloadable]) async {
        for part in parts {
            do throws(Reloadable.Failure) {
                try await part.reload()
                logger.info("Reloaded", ["part": part.part])
            } catch {
                logger.error(
                    "A reload failed, the values from before stay",
                    ["part": part.part, "error": error.problem])
            }
        }
    }

    /// The keys of tokens, the API keys and the secrets.
    func secrets(of credentials: HubCredentials) -> Reloadable {
        Reloadable(part: "credentials") { () throws(Reloadable.Failure) in
            let faults = credentials.reload()
            guard faults.isEmpty else {
                throw Reloadable.Failure(problem: faults.joined(separator: " "))
            }
        }
    }

    /// The TLS certificates, where there are any.
    func files(of certificates: ServerCertificates?) -> [Reloadable] {
        guard let certificates else { return [] }
        return [
            Reloadable(part: "tls") { () throws(Reloadable.Failure) in
                if let reason = certificates.reload() {
                    throw Reloadable.Failure(problem: reason)
                }
            }
        ]
    }

    /// The hosts and origins of the configuration file.
    func origins(of server: HubServer) -> Reloadable {
        Reloadable(part: "origins") {
            [configuration, logger, parse] () throws(Reloadable.Failure) in
            let rules: OriginRules
            do {
                guard case .serve(let now) = try parse() else { return }
                var next = configuration
                next.allowedHosts = now.allowedHosts
                next.allowedOrigins = now.allowedOrigins
                rules = try OriginRules(next)
                if next != now {
                    logger.warning("Settings other than the hosts and origins need a restart")
                }
            } catch let error as UsageError {
                throw Reloadable.Failure(problem: error.problem)
            } catch {
                throw Reloadable.Failure(problem: "\(error)")
            }
            await server.take(rules)
        }
    }
}
