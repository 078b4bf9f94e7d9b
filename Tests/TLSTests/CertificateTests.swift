import TestSupport
import Testing

@testable import Reactor
@testable import TLS

@Suite(.timeLimit(.minutes(5)), .serialized)
struct `Certificates` {
    @Test(arguments: [
        ("server.pem", "other.key", "does not belong to the first certificate"),
        ("authority.pem", "server.key", "does not belong to the first certificate"),
        ("text.pem", "server.key", "text.pem holds no certificate"),
        ("cut.pem", "server.key", "cannot be read"),
        ("server.pem", "text.pem", "text.pem holds no private key"),
        ("server.pem", "server.pem", "holds no private key"),
        ("server.pem", "locked.key", "encrypted"),
    ])
    func `that do not fit are refused with the reason`(
        certificate: String, key: String, reason: String
    ) throws {
        let error = #expect(throws: TLSError.self) {
            try TestFiles.context(certificate, key: key)
        }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `are refused before and after their time`() throws {
        let certificate = TestFiles.text("server.pem")
        let key = TestFiles.text("server.key")
        for (days, reason) in [(-365, "is valid from 20"), (365, "expired at 20")] {
            let error = #expect(throws: TLSError.self) {
                try TLSContext(
                    certificate: certificate, key: key, clientAuthorities: nil,
                    at: TestFiles.now + Int64(days * 86_400))
            }
            #expect(error?.description.contains(reason) == true)
        }
    }

    @Test func `tell of the kind of their key, and of their end`() throws {
        let elliptic = try TestFiles.context()
        #expect(!elliptic.isRSA)
        #expect((29...31).contains((elliptic.expiry - TestFiles.now) / 86_400 + 1))
        #expect(try TestFiles.context("rsa.pem", key: "rsa.key").isRSA)
    }

    @Test func `and key may stand in one file`() throws {
        _ = try Pair.open(TestFiles.context("both.pem", key: "both.pem"))
    }

    @Test func `of authorities have to be some`() throws {
        let error = #expect(throws: TLSError.self) {
            try TestFiles.context(clients: "text.pem")
        }
        #expect(error?.description.contains("text.pem holds no certificate") == true)
    }
}

/// Files that change while connections are open.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct `Certificates in files` {
    private let folder = Folder()

    private func path(_ name: String) -> String { folder.path + "/" + name }

    private func copy(_ name: String, to other: String) {
        TestFiles.write(TestFiles.bytes(TestFiles.path(name)), to: path(other))
    }

    private func start() throws -> TLSCertificates {
        copy("server.pem", to: "certificate")
        copy("server.key", to: "key")
        return try TLSCertificates(
            .init(certificate: path("certificate"), key: path("key")), at: TestFiles.now)
    }

    @Test func `are taken when both are new, and connections keep theirs`() throws {
        let certificates = try start()
        #expect(certificates.reload(at: TestFiles.now) == .unchanged)
        let old = certificates.context
        let pair = Pair.open(old)
        copy("rsa.pem", to: "certificate")
        copy("rsa.key", to: "key")
        #expect(certificates.reload(at: TestFiles.now) == .taken)
        #expect(certificates.context !== old)
        #expect(certificates.context.isRSA)
        #expect(pair.send("still") == .bytes(5))
        #expect(pair.client.readText() == "still")
        _ = Pair.open(certificates.context)
    }

    @Test func `are waited for while one is old`() throws {
        let certificates = try start()
        let old = certificates.context
        copy("rsa.pem", to: "certificate")
        #expect(certificates.reload(at: TestFiles.now) == .unsettled)
        #expect(certificates.context === old)
        copy("rsa.key", to: "key")
        #expect(certificates.reload(at: TestFiles.now) == .taken)
    }

    @Test func `that cannot be used are told of once`() throws {
        let certificates = try start()
        let old = certificates.context
        copy("text.pem", to: "certificate")
        #expect(certificates.reload(at: TestFiles.now) == .unsettled)
        guard case .refused(let reason) = certificates.reload(at: TestFiles.now) else {
            Issue.record("no refusal")
            return
        }
        #expect(reason.description.contains("holds no certificate"))
        #expect(certificates.reload(at: TestFiles.now) == .unchanged)
        #expect(certificates.context === old)
        copy("server.pem", to: "certificate")
        #expect(certificates.reload(at: TestFiles.now) == .unchanged)
        // The same fault again is news again.
        copy("text.pem", to: "certificate")
        #expect(certificates.reload(at: TestFiles.now) == .unsettled)
    }

    @Test func `are told of at once when someone asks`() throws {
        let certificates = try start()
        copy("other.key", to: "key")
        for _ in 0..<2 {
            guard case .refused = certificates.reload(isAsked: true, at: TestFiles.now) else {
                Issue.record("no refusal")
                return
            }
        }
    }

    @Test func `that are missing leave those from before`() throws {
        let certificates = try start()
        let old = certificates.context
        TestFiles.write([], to: path("key"))
        #expect(certificates.reload(at: TestFiles.now) == .unsettled)
        #expect(certificates.context === old)
    }

    @Test func `are refused at the start with the path`() throws {
        let error = #expect(throws: TLSError.self) {
            try TLSCertificates(
                .init(certificate: path("nowhere"), key: path("key")), at: TestFiles.now)
        }
        #expect(error?.description.contains("nowhere: No such file") == true)
    }
}
