import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A resource` {
    @Test(arguments: [
        ("post:456", "post"), ("a:b", "a"), ("Z9+.-:x", "Z9+.-"), ("post:a:b:c", "post"),
        ("post::", "post"), ("post:*x", "post"), ("post:**", "post"), ("post:ü–😀", "post"),
        ("post:\u{A0}\u{100}\u{C2}\u{85C2}\u{2028}", "post"),
        ("post:!\"#%&'()+-./;<=>?@[]^`{|}~", "post"),
        ("post:" + String(repeating: "x", count: 256), "post"),
        ("post:" + String(repeating: "é", count: 128), "post"),
        (String(repeating: "k", count: 300) + ":1", String(repeating: "k", count: 300)),
    ])
    func `is a kind and an id, taken as they are`(name: String, kind: String) throws {
        let resource = try Resource(name)
        #expect(resource.name == name)
        #expect(Array(resource.name.utf8) == Array(name.utf8))
        #expect(resource.kind == kind)
        #expect(resource.description == name)
        #expect(try Selector(name) == .resource(resource))
    }

    @Test(arguments: [
        "", "post", "*", ":", ":1", "post:", "1post:1", "+a:1", "-a:1", ".a:1", "a b:1", "pöst:1",
        "a_b:1", "a/b:1", " post:1", "post:1 ", "post:a b", "post:a,b", "post:\u{0}", "post:\n",
        "post:a\tb", "post:\u{1F}", "post:\u{7F}", "post:\u{80}", "post:a\u{85}", "post:\u{9F}b",
        "*:1",
        "*:*",
        "post:" + String(repeating: "x", count: 257), "post:" + String(repeating: "é", count: 129),
    ])
    func `is refused with a hint when its name breaks the rules`(name: String) {
        let error = #expect(throws: NameError.self) { _ = try Resource(name) }
        #expect(error?.description.contains("post") == true)
        #expect(throws: NameError.self) { _ = try Selector(name) }
    }

    @Test(arguments: ["post:*", "a+b:*"])
    func `of which the id is a star is a pattern for a stream`(name: String) throws {
        let selector = try Selector(name)
        #expect(selector == .pattern(kind: String(name.dropLast(2))))
        #expect(selector.description == name)
    }

    @Test(arguments: ["post:1", "a+b:x:y", "post:\u{301}x", "post:😀"])
    func `is the same when it is read from the store`(name: String) throws {
        let stored = Resource(checked: name)
        #expect(stored == (try Resource(name)))
        #expect(stored.kind == (try Resource(name).kind))
    }

    @Test(arguments: ["post:\u{80}", "post:a\u{85}b", "post:\u{9F}"])
    func `of a store from before a rule is read as it stands`(name: String) throws {
        #expect(Resource(checked: name).kind == "post")
        #expect(try Resource(name, isStored: true).name == name)
        #expect(try Selector(name, isStored: true).description == name)
        #expect(throws: NameError.self) { _ = try Resource("post:\u{7F}", isStored: true) }
    }

    @Test func `is another one in another normal form`() throws {
        let composed = try Resource("post:\u{E9}")
        let decomposed = try Resource("post:e\u{301}")
        #expect(composed.name == decomposed.name)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(Set([Selector.resource(composed), .resource(decomposed)]).count == 2)
        #expect(composed != (try Resource("Post:\u{E9}")))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An event name` {
    @Test(arguments: [
        "a", "message", "post_update", "A.b-c_9", "x" + String(repeating: "9", count: 63),
    ])
    func `is a letter and up to 63 further characters`(name: String) throws {
        #expect(try EventName(name).description == name)
    }

    @Test(arguments: [
        "", "9a", "_a", "-a", ".a", "a b", "a:b", "é", "aé", "a\n", "a\r", "a/b", "a\u{0}",
        "x" + String(repeating: "9", count: 64),
    ])
    func `is refused otherwise`(name: String) {
        #expect(throws: NameError.self) { _ = try EventName(name) }
    }

    @Test func `of the hub itself is a valid name that is set aside`() throws {
        let names = [
            "connected", "reset", "live", "keepalive", "subscribed", "presence", "closing",
            "token_expiring", "batch", "activity",
        ]
        #expect(EventName.reserved == Set(names))
        for name in EventName.reserved { _ = try EventName(name) }
        #expect(EventName.message.description == "message")
    }

    @Test(
        arguments: [
            ("live", "hub"), ("error", "EventSource"), ("open", "EventSource"), ("Error", nil),
            ("errors", nil), ("message", nil),
        ] as [(String, String?)])
    func `that is taken says by whom`(name: String, owner: String?) {
        let reason = EventName.reservation(of: name)
        #expect((reason == nil) == (owner == nil))
        #expect(reason?.contains(owner ?? "") != false && reason?.hasPrefix(name) != false)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An event id` {
    @Test(arguments: [
        ("k3f9-1842", "k3f9", 1842), ("0-0", "0", 0), ("zzzzzzzzzzzzz-1", "zzzzzzzzzzzzz", 1),
        ("a-18446744073709551615", "a", UInt64.max),
    ])
    func `is an epoch and a sequence`(text: String, epoch: String, sequence: UInt64) throws {
        let id = try #require(EventID(text))
        #expect(id.epoch.description == epoch)
        #expect(id.sequence == sequence)
        #expect(id.description == text)
        #expect(EventID(epoch: id.epoch, sequence: sequence) == id)
    }

    @Test(arguments: [
        "", "-", "k3f9", "k3f9-", "-1", "k3f9-01", "k3f9-00", "k3f9-+1", "k3f9--1", "K3f9-1",
        "k3f9 -1", "k3f9- 1", "k3f9-1 ", "k3f9-x", "k3f9-١", "é-1", "k3f9-1-2",
        "aaaaaaaaaaaaaa-1", "a-18446744073709551616", "a-99999999999999999999", "0", "null",
    ])
    func `is nothing else`(text: String) {
        #expect(EventID(text) == nil)
    }

    @Test func `has an epoch whose zeros count`() {
        let texts = ["0", "00", "000", "a", "0a", "a0", "0000000000000"]
        let epochs = texts.map(Epoch.init)
        #expect(Set(epochs).count == texts.count)
        #expect(epochs.map { $0?.description } == texts)
    }

    @Test func `has an epoch that is drawn anew for each log`() {
        let epochs = (0..<1_000).map { _ in Epoch.random() }
        #expect(Set(epochs).count == epochs.count)
        for epoch in epochs { #expect(Epoch(epoch.description) == epoch) }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A connection id` {
    @Test(arguments: [0, 1, 255, 65_535], [0, 1, 1 << 32 | 7, (1 << 47) - 1] as [UInt64])
    func `tells its place to the hub alone`(worker: Int, token: UInt64) throws {
        let id = ConnectionID(worker: worker, token: token)
        #expect(id.worker == worker)
        #expect(id.token == token)
        let text = id.description
        #expect(text.utf8.count == 48)
        let read = try #require(ConnectionID(text))
        #expect(read == id)
        #expect(read.worker == worker && read.token == token)
        #expect(read.description == text)
        #expect(ConnectionID(worker: worker, token: token) != id)
    }

    @Test func `shares no part with another of the same place`() {
        let ids = (0..<500).map { _ in ConnectionID(worker: 3, token: 77).description }
        for part in 0..<3 {
            let parts = ids.map { $0.dropFirst(part * 16).prefix(16) }
            #expect(Set(parts).count == ids.count)
        }
    }

    @Test(arguments: [
        "", "0", String(repeating: "0", count: 47), String(repeating: "0", count: 49),
        String(repeating: "A", count: 48), String(repeating: "g", count: 48),
        "+" + String(repeating: "0", count: 47), String(repeating: "é", count: 24),
    ])
    func `is nothing else`(text: String) {
        #expect(ConnectionID(text) == nil)
    }
}
