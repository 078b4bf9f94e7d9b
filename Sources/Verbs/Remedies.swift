/// Which line of a proxy's configuration mends a fault.
enum Remedies {
    /// Returns the line for a proxy; for others and unknown ones, what to do in words.
    static func line(for check: DoctorCheck, of proxy: ProxyKind?) -> String {
        let known: String? =
            switch proxy {
            case .nginx: nginx[check]
            case .haproxy: haproxy[check]
            case .caddy: caddy[check]
            case .apache: apache[check]
            case .envoy: envoy[check]
            case .lighttpd: lighttpd[check]
            default: nil
            }
        return known ?? words[check] ?? "See docs/OPERATIONS.md."
    }

    private static let nginx: [DoctorCheck: String] = [
        .reach: "proxy_pass http://127.0.0.1:8080;  (where 'martlet serve' listens)",
        .host: "proxy_set_header Host $http_host;",
        .credentials: "proxy_set_header Authorization $http_authorization;",
        .stream: "proxy_buffering off;  (and no proxy_ignore_headers X-Accel-Buffering)",
        .events: "proxy_buffering off;  (and no proxy_ignore_headers X-Accel-Buffering)",
        .compression: "gzip off;",
        .cursor: "proxy_set_header Last-Event-ID $http_last_event_id;",
        .change: "limit_except GET POST PATCH DELETE OPTIONS { deny all; }  (or none)",
        .head: "limit_except GET POST PATCH DELETE OPTIONS { deny all; }  (GET includes HEAD)",
        .url: "large_client_header_buffers 4 32k;",
        .origins: "proxy_hide_header Access-Control-Allow-Origin;  (take this line out)",
        .body: "client_max_body_size 0;",
        .cache: "proxy_cache off;",
        .streams: "worker_connections 100000;  (and a higher limit_conn)",
        .quiet: "proxy_read_timeout 90s;",
    ]

    private static let haproxy: [DoctorCheck: String] = [
        .host: "http-request set-header Host ...  (take this line out)",
        .credentials: "http-request del-header Authorization  (take this line out)",
        .events: "option http-no-delay",
        .compression: "compression algo ...  (take this line out)",
        .cursor: "http-request del-header Last-Event-ID  (take this line out)",
        .change: "http-request deny ...  (let the method PATCH through)",
        .head: "http-request deny ...  (let the method HEAD through)",
        .url: "tune.bufsize 32768",
        .origins: "http-response del-header Access-Control-Allow-Origin  (take this line out)",
        .cache: "http-request cache-use ...  (take this line out)",
        .streams: "maxconn 100000",
        .quiet: "timeout server 90s  (and timeout client 90s)",
    ]

    private static let caddy: [DoctorCheck: String] = [
        .host: "header_up Host ...  (take this line out)",
        .credentials: "header_up -Authorization  (take this line out)",
        .events: "flush_interval -1",
        .compression: "encode ...  (take this line out)",
        .cursor: "header_up -Last-Event-ID  (take this line out)",
        .change: "method PATCH  (add it to the matcher of the route)",
        .head: "method HEAD  (add it to the matcher of the route)",
        .url: "max_header_size 64KB  (under servers, in the global options)",
        .origins: "header_down -Access-Control-Allow-Origin  (take this line out)",
        .body: "request_body { max_size 2MB }",
        .quiet: "transport http { read_timeout 90s }",
    ]

    private static let apache: [DoctorCheck: String] = [
        .host: "ProxyPreserveHost On",
        .events: "ProxyPass / http://127.0.0.1:8080/ flushpackets=on",
        .stream: "ProxyPass / http://127.0.0.1:8080/ flushpackets=on",
        .compression: "SetEnv no-gzip 1",
        .url: "LimitRequestLine 32768",
        .body: "LimitRequestBody 0",
        .cache: "CacheDisable /",
        .streams: "MaxRequestWorkers 10000",
        .quiet: "ProxyTimeout 90",
    ]

    private static let envoy: [DoctorCheck: String] = [
        .quiet: "timeout: 0s  (of the route; and stream_idle_timeout: 0s)",
        .streams: "circuit_breakers: thresholds: [{max_requests: 100000}]",
        .url: "max_request_headers_kb: 96",
    ]

    private static let lighttpd: [DoctorCheck: String] = [
        .stream: "server.stream-response-body = 1",
        .events: "server.stream-response-body = 1",
        .quiet: "server.max-write-idle = 3600",
    ]

    private static let words: [DoctorCheck: String] = [
        .reach: "Have the proxy pass all paths to the address at which 'martlet serve' listens.",
        .host: "Have the proxy pass Host on as it came, or name it in --allowed-hosts.",
        .credentials: "Have the proxy pass the field Authorization on.",
        .stream: "Switch off buffering of answers in the proxy.",
        .events: "Switch off buffering of answers in the proxy.",
        .compression: "Switch off compression of text/event-stream in the proxy.",
        .cursor: "Have the proxy pass the field Last-Event-ID on.",
        .change: "Let the method PATCH through.",
        .head: "Let the method HEAD through.",
        .url: "Allow request lines of 16 KiB, or open streams by POST /stream.",
        .origins: "Name the origin in --allowed-origins, and leave Access-Control-… as it is.",
        .body: "Allow bodies of 1 MiB.",
        .cache: "Switch off the proxy's cache.",
        .streams: "Raise the proxy's limit of connections.",
        .quiet: "Raise the time after which the proxy cuts quiet connections to 90 s.",
    ]
}
