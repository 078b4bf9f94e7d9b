internal import CCurl
internal import CLinux

/// Receives what curl hands out, on the thread that drives curl.
protocol EasyReceiver: AnyObject {
    /// Receives one line of a head, without its line break.
    ///
    /// - Returns: `false` to end the transfer.
    func receive(headLine: String) -> Bool
    func receive(piece: [UInt8]) -> Exchange.Reception
}

/// A curl easy handle, which is one transfer; used on one thread only.
@safe final class EasyHandle {
    let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var fields: UnsafeMutablePointer<curl_slist>?
    private unowned let receiver: any EasyReceiver

    /// Sets up a transfer; `nil` when curl refuses an option or has no memory.
    ///
    /// The receiver must outlive the handle. `authorities` is a file of PEM certificates.
    init?(
        id: UInt64, request: ClientRequest, proxy: String?, authorities: String?,
        receiver: any EasyReceiver
    ) {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        self.receiver = receiver
        unsafe fields = nil
        guard configure(id), describe(request), choose(proxy),
            authorities.map({ set(CURLOPT_CAINFO, $0) }) ?? true
        else { return nil }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(fields)
        unsafe errorText.deallocate()
    }

    // MARK: Setting up

    private func configure(_ id: UInt64) -> Bool {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        return unsafe easy_set_id(handle, id) == CURLE_OK
            && easy_set_error_text(handle, errorText) == CURLE_OK
            && easy_set_callbacks(handle, Self.headCallback, Self.bodyCallback, context) == CURLE_OK
            && easy_allow_web_only(handle) == CURLE_OK
            && easy_leave_resolver_behind(handle) == CURLE_OK
            // curl's alarm signal could interrupt any thread.
            && set(CURLOPT_NOSIGNAL, 1)
            && set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
            && set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    }

    private func describe(_ request: ClientRequest) -> Bool {
        // 0 would be curl's own default of 300 s.
        let connect = request.timeouts.connect.milliseconds ?? Int(Int32.max)
        guard set(CURLOPT_URL, request.url), set(CURLOPT_CONNECTTIMEOUT_MS, connect),
            set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0),
            set(CURLOPT_MAXREDIRS, 10), describeBody(request),
            request.isRepeatable || set(CURLOPT_FRESH_CONNECT, 1) && set(CURLOPT_FORBID_REUSE, 1)
        else { return false }
        var lines = request.fields.map { name, value in
            // curl writes an empty value only after a semicolon. With a colon it would leave out
            // the field.
            value.isEmpty ? "\(name);" : "\(name): \(value)"
        }
        let names = Set(request.fields.map { $0.name.lowercased() })
        if !names.contains("user-agent") { lines.append("User-Agent: martlet") }
        // Fields that curl would add by itself: a wait for 100 Continue, and the type of an HTML
        // form.
        for name in ["Expect", "Content-Type"] where !names.contains(name.lowercased()) {
            lines.append("\(name):")
        }
        for line in lines {
            guard let longer = unsafe curl_slist_append(fields, line) else { return false }
            unsafe fields = longer
        }
        return unsafe easy_set_list(handle, CURLOPT_HTTPHEADER, fields) == CURLE_OK
    }

    /// Sets the proxy or none, so that curl ignores the environment.
    private func choose(_ proxy: String?) -> Bool {
        set(CURLOPT_PROXY, proxy ?? "") && set(CURLOPT_NOPROXY, "")
    }

    private func describeBody(_ request: ClientRequest) -> Bool {
        if let body = request.body ?? (request.method == "POST" ? [] : nil) {
            let isSet = unsafe body.withUnsafeBytes { bytes in
                unsafe easy_set_body(handle, bytes.baseAddress, bytes.count) == CURLE_OK
            }
            guard isSet, set(CURLOPT_POST, 1) else { return false }
            return request.method == "POST" || set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        switch request.method {
        case "GET": return set(CURLOPT_HTTPGET, 1)
        case "HEAD": return set(CURLOPT_NOBODY, 1)
        default: return set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func set(_ option: CURLoption, _ value: Int) -> Bool {
        unsafe easy_set_number(handle, option, value) == CURLE_OK
    }

    private func set(_ option: CURLoption, _ text: String) -> Bool {
        unsafe easy_set_text(handle, option, text) == CURLE_OK
    }

    // MARK: While it runs

    /// Continues a transfer after a piece was refused, and may hand out pieces before it returns.
    func goOn() {
        _ = unsafe easy_continue(handle)
    }

    var status: Int { unsafe easy_number(handle, CURLINFO_RESPONSE_CODE) }

    /// Whether the connection is made, so that the time spent now is the exchange's.
    var isConnected: Bool { unsafe easy_size(handle, CURLINFO_PRETRANSFER_TIME_T) > 0 }

    /// The bytes received and sent so far.
    var byteCount: Int64 {
        unsafe easy_size(handle, CURLINFO_SIZE_DOWNLOAD_T)
            + easy_size(handle, CURLINFO_SIZE_UPLOAD_T)
            + Int64(easy_number(handle, CURLINFO_HEADER_SIZE))
            + Int64(easy_number(handle, CURLINFO_REQUEST_SIZE))
    }

    /// Returns what went wrong, in the system's words or else in curl's.
    func reason(_ code: CURLcode) -> String {
        let systemError = Int32(truncatingIfNeeded: unsafe easy_number(handle, CURLINFO_OS_ERRNO))
        if code == CURLE_COULDNT_CONNECT, systemError != 0, let text = unsafe strerror(systemError)
        {
            return unsafe String(cString: text).lowercased()
        }
        let detail = unsafe String(cString: errorText)
        return detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
    }

    // MARK: Called by curl

    private static let headCallback: easy_callback = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let easy = unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        var text = unsafe String(decoding: line, as: UTF8.self)
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return easy.receiver.receive(headLine: text) ? size * count : 0
    }

    private static let bodyCallback: easy_callback = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let easy = unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        let piece = unsafe Array(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return switch easy.receiver.receive(piece: piece) {
        case .taken: piece.count
        case .full: easy_pause_writing()
        case .unwanted: 0
        }
    }
}

extension Double {
    /// This many seconds in milliseconds, at least 1; `nil` when it is not above 0, which means no
    /// limit.
    var milliseconds: Int? { self > 0 ? Swift.max(1, Int(Swift.min(self, 2_000_000) * 1000)) : nil }
}
