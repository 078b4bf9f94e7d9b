internal import Access
internal import HTTP
internal import JSON
internal import Telemetry

/// `POST /tickets`: makes a ticket that opens one stream, poll or state call without a header.
struct TicketEndpoint {
    let hub: HubAccess

    /// Makes a ticket whose grants are at most the caller's.
    ///
    /// - Throws: 400 or 422 for the body, 403 that names a resource that the caller may not
    ///   receive, 503 when too many tickets wait for their use.
    func answer(_ request: Request) throws(Problem) -> Answer {
        let order = try Order(request.body)
        let now = UnixTime.now
        let ticket: TicketStore.Ticket
        do throws(TicketStore.Fault) {
            ticket = try hub.gate.access.makeTicket(
                for: request.caller.identity ?? hub.gate.access.openIdentity,
                subscribe: order.names, ttl: order.ttl, at: now)
        } catch {
            throw problem(error, request.caller)
        }
        return .response(
            .json(.created) { json in
                json.member("ticket", ticket.text)
                json.member(
                    "expires_at",
                    Timestamp(milliseconds: Int64(ticket.expires) * 1000).description)
            })
    }

    private func problem(_ fault: TicketStore.Fault, _ caller: Caller) -> Problem {
        switch fault {
        case .notAllowed(let name): caller.refusal(ofReceiving: name)
        case .tooMany:
            Problem(
                .serviceUnavailable,
                "Too many tickets wait for their use; use or forget some first.",
                retryAfter: TicketStore.standardTTL)
        }
    }

    /// The body of the request.
    private struct Order {
        private(set) var names: [String]?
        private(set) var ttl = TicketStore.standardTTL

        init(_ body: [UInt8]) throws(Problem) {
            self = try JSONBody.read(body) { input throws(InputError) in
                var order = Self()
                try input.object(of: "subscribe and ttl") { input, field throws(InputError) in
                    switch field {
                    case "subscribe":
                        if try input.null() { return true }
                        order.names = try SelectorList.readGrants(&input)
                    case "ttl":
                        if try input.null() { return true }
                        let range = 1.0...Double(TicketStore.maximumTTL)
                        order.ttl = Int(try input.number(in: range))
                    default: return false
                    }
                    return true
                }
                return order
            }
        }

        private init() {}
    }
}
