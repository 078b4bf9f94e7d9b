internal import Access
internal import HTTP

/// `POST /session` and `DELETE /session`: a cookie that stands for the credentials of a header.
///
/// The hub's own pages use it: a native EventSource sends cookies and no other credentials.
struct SessionEndpoint {
    let hub: HubAccess

    /// Opens a session for the credentials of `Authorization`.
    ///
    /// - Throws: 401 when the credentials come in another way.
    func open(_ request: Request) throws(Problem) -> Response {
        guard let identity = request.caller.identity else { return Response(.noContent) }
        guard let authorization = request.head.field("authorization") else {
            throw hub.gate.problem(.missing, subject: nil)
        }
        let now = UnixTime.now
        let opened: SessionStore.Opened
        do throws(Refusal) {
            opened = try hub.gate.access.openSession(
                authorization: authorization, for: identity, at: now)
        } catch {
            throw hub.gate.problem(error, subject: identity.publisher)
        }
        return Response(
            .noContent,
            fields: [("Set-Cookie", cookie(opened.id, request, seconds: opened.end - now))])
    }

    /// Ends the session that the request's cookie names, if there is one, and its streams on all
    /// workers.
    func end(_ request: Request) -> Answer {
        let response = Response(
            .noContent, fields: [("Set-Cookie", cookie("", request, seconds: 0))])
        guard !hub.gate.isOpen, let cookie = request.head.field("cookie"),
            request.origin.allowsCookie(of: request.head, changes: true),
            let id = hub.gate.access.endSession(cookie: cookie)
        else { return .response(response) }
        let workers = hub.workers
        return .later {
            _ = await workers.disconnect(.session(id))
            return .response(response)
        }
    }

    private func cookie(_ value: String, _ request: Request, seconds: Int) -> String {
        let isSecure =
            hub.settings.certificates != nil
            || request.head.field("origin")?.hasPrefix("https:") ?? false
        return "\(AccessPolicy.sessionCookie)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; "
            + "SameSite=Strict" + (isSecure ? "; Secure" : "")
    }
}
