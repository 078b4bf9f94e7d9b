internal import Reactor

/// The certificates of a listener, which are read again when their files change.
///
/// Connections take `context` when they begin, and keep it.
package final class TLSCertificates: Sendable {
    /// The paths of the files.
    package struct Paths: Sendable, Equatable {
        package let certificate: String
        package let key: String
        /// The certificates of those who sign clients' certificates; with them, every client needs
        /// one.
        package let clientAuthorities: String?

        package init(certificate: String, key: String, clientAuthorities: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthorities = clientAuthorities
        }
    }

    /// What reading the files again has led to.
    package enum Outcome: Sendable, Equatable {
        case unchanged
        /// New certificates are used for new connections.
        case taken
        /// The files have changed and cannot be used, perhaps because they are being written now.
        case unsettled
        /// The files cannot be used, and the certificates stay as they were.
        case refused(TLSError)
    }

    private struct State {
        var context: TLSContext
        var texts: Texts
        /// The files as they were when they were last found unusable, and whether that was said.
        var refused: (texts: Result<Texts, TLSError>, isReported: Bool)?
    }

    private struct Texts: Equatable {
        let certificate: TLSText
        let key: TLSText
        let clientAuthorities: TLSText?

        func context(at now: Int64) throws(TLSError) -> TLSContext {
            try TLSContext(
                certificate: certificate, key: key, clientAuthorities: clientAuthorities, at: now)
        }
    }

    /// The largest file that is read, in bytes.
    private static let maximumSize = 1 << 20

    package let paths: Paths
    private let state: Lock<State>

    /// Reads the files for the first time.
    ///
    /// - Throws: `TLSError`, which says in words what cannot be used.
    package init(_ paths: Paths, at now: Int64) throws(TLSError) {
        self.paths = paths
        let texts = try Self.read(paths)
        state = Lock(State(context: try texts.context(at: now), texts: texts))
    }

    /// The certificates for a connection that begins now.
    package var context: TLSContext { state.withLock { $0.context } }

    /// Reads the files again.
    ///
    /// Files that cannot be used are `unsettled` when they are first seen so, and `refused` when
    /// the next call finds the same: who renews certificates writes one file after the other. With
    /// `isAsked`, someone has said that they are complete.
    package func reload(isAsked: Bool = false, at now: Int64) -> Outcome {
        let read: Result<Texts, TLSError>
        do throws(TLSError) { read = .success(try Self.read(paths)) } catch {
            read = .failure(error)
        }
        let (present, refused) = state.withLock { ($0.texts, $0.refused) }
        if case .success(present) = read {
            state.withLock { $0.refused = nil }
            return .unchanged
        }
        let isKnown = refused.map { $0.texts == read } ?? false
        if isKnown, refused?.isReported == true, !isAsked { return .unchanged }
        do throws(TLSError) {
            let texts = try read.get()
            let context = try texts.context(at: now)
            state.withLock { $0 = State(context: context, texts: texts) }
            return .taken
        } catch {
            let isReported = isKnown || isAsked
            state.withLock { $0.refused = (read, isReported) }
            return isReported ? .refused(error) : .unsettled
        }
    }

    private static func read(_ paths: Paths) throws(TLSError) -> Texts {
        Texts(
            certificate: try text(at: paths.certificate), key: try text(at: paths.key),
            clientAuthorities: try paths.clientAuthorities.map { path throws(TLSError) in
                try text(at: path)
            })
    }

    private static func text(at path: String) throws(TLSError) -> TLSText {
        do throws(Files.Failure) {
            return TLSText(path: path, bytes: try Files.read(path, limit: maximumSize))
        } catch {
            throw TLSError("\(error).")
        }
    }
}
