/// What `martlet doctor` looks at, in the order in which it is shown.
package enum DoctorCheck: String, Sendable, CaseIterable {
    case reach, host, credentials, stream, events, compression, cursor, change, head, url
    case origins, body, cache, streams, quiet, connections
}

/// What was seen at one check, and what it means.
package struct Finding: Sendable, Equatable {
    package enum Outcome: String, Sendable {
        case good, fault, skipped
    }

    package let check: DoctorCheck
    package let outcome: Outcome
    /// What was seen, with numbers, and what it means.
    package let text: String
    /// The line of a configuration that mends a fault.
    package var remedy: String?

    package init(_ check: DoctorCheck, _ outcome: Outcome, _ text: String) {
        self.check = check
        self.outcome = outcome
        self.text = text
    }

    /// Makes a finding that is a fault unless something holds.
    package init(_ check: DoctorCheck, _ isGood: Bool, good: String, fault: String) {
        self.init(check, isGood ? .good : .fault, isGood ? good : fault)
    }

    /// The same with what mends it, where it is a fault.
    package func mended(for proxy: ProxyKind?) -> Finding {
        guard outcome == .fault else { return self }
        var finding = self
        finding.remedy = Remedies.line(for: check, of: proxy)
        return finding
    }
}
