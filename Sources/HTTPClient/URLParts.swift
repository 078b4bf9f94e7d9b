internal import CCurl

/// The parts of a URL, split by curl itself, so that what is checked is what is requested.
@safe struct URLParts: ~Copyable {
    /// `nil` when there is no memory, which curl's functions refuse as an argument.
    private let handle: OpaquePointer?
    private let isValid: Bool

    init(_ url: String) {
        unsafe handle = curl_url()
        isValid =
            unsafe !url.utf8.contains(0)
            && curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK
    }

    deinit {
        unsafe curl_url_cleanup(handle)
    }

    enum Part {
        case scheme, host, port
    }

    /// Returns a part of the URL; `nil` when the URL lacks it or is invalid.
    func part(_ part: Part) -> String? {
        let part =
            switch part {
            case .scheme: CURLUPART_SCHEME
            case .host: CURLUPART_HOST
            case .port: CURLUPART_PORT
            }
        var text: UnsafeMutablePointer<CChar>?
        guard isValid, unsafe curl_url_get(handle, part, &text, 0) == CURLUE_OK,
            let text = unsafe text
        else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
