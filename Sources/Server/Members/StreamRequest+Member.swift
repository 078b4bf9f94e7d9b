internal import Access
internal import HTTP
internal import Hub

extension StreamRequest {
    static let memberRule =
        "member is 1 to \(MemberName.maximumLength) bytes of text without control characters."

    /// Reads the name of a member; `nil` when it is missing or empty.
    ///
    /// - Throws: 400 when it breaks the rule.
    static func member(_ text: String?) throws(Problem) -> MemberName? {
        guard let text, !text.isEmpty else { return nil }
        guard let name = MemberName(text) else { throw Problem(.badRequest, memberRule) }
        return name
    }
}

extension Caller {
    /// Checks that a stream may count as a member.
    ///
    /// - Throws: 403 when the caller has a token of another subject.
    func checkMember(_ member: MemberName?) throws(Problem) {
        guard let member, let person = identity?.person, MemberName(person) != member else {
            return
        }
        throw refusal(ofMember: member)
    }
}
