internal import Configuration
internal import Verbs
struct DoctorVerb {
    init(_ command: VerbCommand, _ hub: HubCaller) {}
    func run() async throws -> Int32 { 0 }
}
