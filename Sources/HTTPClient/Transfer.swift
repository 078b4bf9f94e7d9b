internal import CCurl
internal import Reactor

/// The transfer thread's side of an exchange: curl's handle, the head as it comes, and the
/// deadlines.
final class Transfer: EasyReceiver {
    /// The most bytes of a head; a larger one is refused.
    private static let largestHead = 64 << 10
    /// Milliseconds for the rest of a body that nobody reads, as a new connection costs less than a
    /// longer wait.
    private static let patience = 1000

    let exchange: Exchange
    private(set) var easy: EasyHandle?
    private var fields: [(name: String, value: String)] = []
    private var headSize = 0
    private var hasHead = false
    private var hasBody = false
    private var byteCount: Int64 = 0
    private var lastActivity: Instant
    private var totalDeadline: Instant?

    init(_ exchange: Exchange, authorities: String?, now: Instant) {
        self.exchange = exchange
        lastActivity = now
        totalDeadline = exchange.request.timeouts.total.milliseconds.map(
            now.advanced(milliseconds:))
        easy = EasyHandle(
            id: exchange.id, request: exchange.request, proxy: exchange.proxy?.url,
            authorities: authorities, receiver: self)
    }

    // MARK: Receiving

    func receive(headLine line: String) -> Bool {
        // Trailer fields of a chunked body come here too.
        guard !hasHead else { return true }
        headSize += line.utf8.count
        guard headSize <= Self.largestHead else { return false }
        if line.isEmpty {
            endHead()
        } else if let colon = line.firstIndex(of: ":"), !line.hasPrefix("HTTP/") {
            let value = line[line.index(after: colon)...]
            fields.append((String(line[..<colon]), value.trimmed))
        }
        return true
    }

    private func endHead() {
        let status = easy?.status ?? 0
        let isRedirect =
            [301, 302, 303, 307, 308].contains(status)
            && fields.contains { $0.name.lowercased() == "location" }
        // An interim head and a redirect that is followed are succeeded by another head.
        if status >= 200, !(isRedirect && exchange.request.followsRedirects) {
            hasHead = true
            exchange.receive(ResponseHead(status: status, fields: fields))
        }
        fields = []
    }

    func receive(piece: [UInt8]) -> Exchange.Reception {
        hasBody = true
        return exchange.receive(piece)
    }

    func goOn(now: Instant) {
        lastActivity = now
        easy?.goOn()
    }

    /// Receives the rest of the body for a short time only.
    func discard(now: Instant) {
        let patience = now.advanced(milliseconds: Self.patience)
        totalDeadline = min(totalDeadline ?? patience, patience)
        goOn(now: now)
    }

    // MARK: Ending

    /// Notes in the exchange how the transfer ended.
    func finish(_ code: CURLcode) {
        guard code != CURLE_OK else {
            exchange.finish(.success(()))
            return
        }
        if headSize > Self.largestHead {
            return fail(.tooLarge, "its head has more than \(Self.largestHead) bytes")
        }
        fail(ClientError.Kind(code), easy?.reason(code) ?? "")
    }

    func fail(_ kind: ClientError.Kind, _ reason: String) {
        exchange.finish(
            .failure(ClientError(kind, origin: exchange.target.origin, reason: reason)))
    }

    /// Fails the exchange if one of its deadlines has passed.
    ///
    /// - Returns: whether one has.
    func checkClocks(now: Instant) -> Bool {
        observe(now)
        let timeouts = exchange.request.timeouts
        if let totalDeadline, totalDeadline <= now {
            fail(.totalTimeout, "more than \(timeouts.total.seconds)")
            return true
        }
        if let stallDeadline, stallDeadline <= now {
            if !hasBody, let start = timeouts.start {
                fail(.silent, "nothing for \(start.seconds)")
            } else {
                fail(.stalled, "no byte for \(timeouts.stall.seconds)")
            }
            return true
        }
        return false
    }

    /// The next deadline; `nil` when there is none.
    var deadline: Instant? {
        [totalDeadline, stallDeadline].compactMap(\.self).min()
    }

    private var stallDeadline: Instant? {
        let timeouts = exchange.request.timeouts
        let allowed = hasBody ? timeouts.stall : timeouts.start ?? timeouts.stall
        return allowed.milliseconds.map(lastActivity.advanced(milliseconds:))
    }

    /// Notes activity.
    ///
    /// Besides bytes, this is any time for which the peer is not to blame: before the connection is
    /// made, and while the reader is slow.
    private func observe(_ now: Instant) {
        guard let easy else { return }
        let count = easy.byteCount
        if count != byteCount || !easy.isConnected || exchange.isPaused { lastActivity = now }
        byteCount = count
    }
}

extension ClientError.Kind {
    init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidURL
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve
            case CURLE_COULDNT_CONNECT: .cannotConnect
            // This module watches the other deadlines itself.
            case CURLE_OPERATION_TIMEDOUT: .connectTimeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
                .insecure
            case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR,
                CURLE_HTTP2, CURLE_HTTP2_STREAM:
                .closedEarly
            default: .other
            }
    }
}

extension Double {
    /// The number with its unit, such as `5 s` or `0.2 s`.
    fileprivate var seconds: String {
        (self == rounded() && self < 1e9 ? String(Int(self)) : String(self)) + " s"
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
