import Hub

/// A shop's orders, followed within the program that changes them.
@main
struct Embedded {
    static func main() async throws {
        let folder = CommandLine.arguments.dropFirst().first ?? "./data"
        let hub = try EventHub.open(.folder(folder))
        let cursor = try await follow(hub)
        await hub.close()

        // The program starts again, and goes on where it was.
        let again = try EventHub.open(.folder(folder))
        try await resume(again, after: cursor)
        await again.close()
    }

    /// Publishes what happens to some orders while a task of its own listens.
    ///
    /// - Returns: where the listener was when it stopped.
    static func follow(_ hub: EventHub) async throws -> EventID? {
        let orders = try hub.subscribe(to: ["order:*"], events: ["status"], from: .state)
        let listener = Task {
            for try await event in orders {
                print("heard   \(event.resources[0]) is \(event.text)")
                if event.text.contains("delivered") { break }
            }
            return orders.cursor
        }
        for (order, status) in [
            ("order:7", "packed"), ("order:8", "packed"), ("order:7", "delivered"),
            ("order:8", "lost"),
        ] {
            // Retained: the newest one is the order's state. The key makes it safe to try again.
            try await hub.publish(
                Publication(
                    to: order, event: "status", data: "{\"status\":\"\(status)\"}",
                    keeping: .retained, key: "\(order) \(status)"))
        }
        let cursor = try await listener.value

        let state = try await hub.state(of: ["order:*"])
        for entry in state.entries.sorted(by: { $0.resource < $1.resource }) {
            print("state   \(entry.resource) is \(entry.text)")
        }
        return cursor
    }

    /// Hears what it missed, then what happens from now on.
    static func resume(_ hub: EventHub, after cursor: EventID?) async throws {
        let start = cursor.map { EventHub.Start.after($0) } ?? .state
        let orders = try hub.subscribe(to: ["order:*"], from: start)
        try await hub.publish(
            Publication(to: "order:9", event: "status", data: #"{"status":"packed"}"#))
        for try await event in orders {
            print("resumed \(event.resources[0]) is \(event.text)")
            if event.resources == ["order:9"] { return }
        }
    }
}
