internal import Reactor
internal import Synchronization

/// Sends requests to other servers over HTTP/1.1 and HTTP/2, with one thread for all of them.
///
/// Connections are kept for later requests that may be repeated. Certificates are verified. Proxies
/// are those of the environment (see `ProxySettings`). Redirects are followed only if a request
/// asks for it.
package final class Client: Sendable {
    private let orders: OrderBox
    private let loop: TransferLoop
    private let lastID = Atomic<UInt64>(0)
    private let proxies: ProxySettings

    /// - Parameters:
    ///   - authorities: a file of PEM certificates to trust instead of the system's.
    ///   - proxies: which requests go through a proxy.
    /// - Throws: `ClientError` when the process has no descriptor or thread left.
    package init(
        authorities: String? = nil, proxies: ProxySettings = ProxySettings()
    ) throws(ClientError) {
        self.proxies = proxies
        do throws(Errno) {
            orders = try OrderBox()
            loop = try TransferLoop(orders: orders, authorities: authorities)
        } catch {
            throw ClientError(.other, reason: "\(error)")
        }
    }

    deinit {
        shutdown()
        loop.join()
    }

    /// Returns the proxy for requests to a URL; `nil` when its server is asked directly.
    package func proxy(for url: String) -> ProxySettings.Proxy? { proxies.proxy(for: url) }

    /// Sends a request and returns when the head of its response has come.
    ///
    /// Cancelling the task ends the transfer and closes its connection at once, also while the body
    /// is read.
    package func send(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        let id = lastID.add(1, ordering: .relaxed).newValue
        let target = try RequestTarget(request)
        let exchange = Exchange(
            id: id, request: request, target: target, proxy: proxies.proxy(for: request.url),
            orders: orders)
        guard !Task.isCancelled, orders.post(.start(exchange)) else { throw exchange.cancelled }
        let head = try await exchange.head().get()
        return ClientResponse(
            status: head.status, fields: head.fields, body: ResponseBody(exchange, client: self))
    }

    /// Ends all transfers with `.cancelled`, and refuses all later requests with it.
    package func shutdown() {
        orders.close()
    }
}
