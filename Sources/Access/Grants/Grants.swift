/// What a caller may do.
package struct Grants: Sendable, Equatable {
    /// The resources and patterns whose events may be received.
    package var subscribe: PatternSet
    /// The resources and patterns to which events may be published.
    package var publish: PatternSet
    package var jobs: JobRights
    /// Whether the admin endpoints may be called.
    package var isAdmin: Bool

    package init(
        subscribe: PatternSet = PatternSet(), publish: PatternSet = PatternSet(),
        jobs: JobRights = [], isAdmin: Bool = false
    ) {
        self.subscribe = subscribe
        self.publish = publish
        self.jobs = jobs
        self.isAdmin = isAdmin
    }

    package static let none = Grants()
    package static let all = Grants(subscribe: .all, publish: .all, jobs: .all, isAdmin: true)

    /// Returns whether events of a resource, or all of a `kind:*`, may be received.
    ///
    /// `presence:R` needs the grant for R.
    package func maySubscribe(_ name: String) -> Bool { subscribe.covers(name) }

    /// Returns whether events may be published to a resource.
    package func mayPublish(_ name: String) -> Bool { publish.covers(name) }

    /// Returns the first name that may not be received; `nil` when all may.
    package func first(notSubscribable names: some Sequence<String>) -> String? {
        names.first { !maySubscribe($0) }
    }

    /// Returns the first name to which nothing may be published; `nil` when there is none.
    package func first(notPublishable names: some Sequence<String>) -> String? {
        names.first { !mayPublish($0) }
    }

    package mutating func formUnion(_ other: Self) {
        subscribe.formUnion(other.subscribe)
        publish.formUnion(other.publish)
        jobs.formUnion(other.jobs)
        isAdmin = isAdmin || other.isAdmin
    }

    package func union(_ other: Self) -> Self {
        var union = self
        union.formUnion(other)
        return union
    }

    /// Returns whether `other` allows all that these grants allow.
    package func isCovered(by other: Self) -> Bool {
        subscribe.isCovered(by: other.subscribe) && publish.isCovered(by: other.publish)
            && jobs.isSubset(of: other.jobs) && (!isAdmin || other.isAdmin)
    }
}

/// What a caller may do with jobs and what they make.
package struct JobRights: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let read = JobRights(rawValue: 1)
    package static let write = JobRights(rawValue: 2)
    /// To claim jobs and to report on them.
    package static let work = JobRights(rawValue: 4)
    package static let all: JobRights = [.read, .write, .work]

    /// Returns the right of a name; `nil` for a name that is none.
    package static func named(_ name: String) -> JobRights? {
        switch name {
        case "read": .read
        case "write": .write
        case "work": .work
        default: nil
        }
    }

    /// The names of the rights, in the order `read`, `write`, `work`.
    package var names: [String] {
        [("read", JobRights.read), ("write", .write), ("work", .work)]
            .filter { contains($0.1) }.map(\.0)
    }
}
