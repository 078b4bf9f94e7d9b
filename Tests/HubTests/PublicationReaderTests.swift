import JSON
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `An event's contract` {
    /// What both ways in refuse alike, and where.
    static let wrong = [
        (#"{"resource":"a:1"}"#, "/data"), (#"{"data":1}"#, "/resource"), ("[]", ""),
        (#"{"resource":"a:1","resources":["a:1"],"data":1}"#, "/resource"),
        (#"{"resource":"a:1","data":1,"colour":1}"#, "/colour"),
        (#"{"resource":"a:1","data":1,"data":2}"#, "/data"),
        (#"{"resource":"a:1","data":1,"dat\u0061":2}"#, "/data"),
        (#"{"resource":"a:1","dataa":1}"#, "/dataa"), (#"{"resource":"a:1","dat":1}"#, "/dat"),
        (#"{"resource":"a:1","data":1,"d\u00e4t\/~":1}"#, "/dät~1~0"),
        (#"{"resource":"a:*","data":1}"#, "/resource"),
        (#"{"resources":["a:1","presence:a:1"],"data":1}"#, "/resources/1"),
        (#"{"resource":"presence:*","data":1}"#, "/resource"),
        (#"{"resource":"activity:post","data":1}"#, "/resource"),
        (#"{"resources":["a:1","activity:x"],"data":1}"#, "/resources/1"),
        (#"{"resource":"a:1","event":"activity","data":1}"#, "/event"),
        (#"{"resource":"a:1","event":"keepalive","data":1}"#, "/event"),
        (#"{"resource":"a:1","event":"é","data":1}"#, "/event"),
        (#"{"resource":"a:1","data":1,"key":""}"#, "/key"),
        (#"{"resource":"a:1","data":1,"coalesce":5}"#, "/coalesce"),
        (#"{"resource":"a:1","data":1,"retain":true,"transient":true}"#, "/retain"),
        (#"{"resource":"a:1","data":1,"end":true,"transient":true}"#, "/end"),
        (#"{"resource":"a:1","data":1,"end":1}"#, "/end"),
        (#"{"resource":"a:1","data":1,"ttl":5}"#, "/ttl"),
        (#"{"resource":"a:1","data":1,"retain":true,"ttl":0.9}"#, "/ttl"),
        (#"{"resource":"a:1","event":"error","data":1}"#, "/event"),
        (#"{"resource":"a:1","event":"open","data":1}"#, "/event"),
        ("{\"resource\":\"a:\u{85}\",\"data\":1}", "/resource"),
        ("{\"resources\":[\"a:1\",\"a:x\u{9F}\"],\"data\":1}", "/resources/1"),
    ]

    @Test(arguments: wrong)
    func `is one for what is posted and what is imported`(text: String, pointer: String) throws {
        let posted = try #require(fault { () throws(InputError) in _ = try read(text) })
        let imported = try #require(fault { () throws(InputError) in _ = try readImported(text) })
        #expect(posted.pointer == pointer && imported.pointer == pointer)
        #expect(posted.kind == imported.kind)
        let isUnknown = ["/colour", "/dataa", "/dat", "/dät~1~0"].contains(pointer)
        if !isUnknown { #expect(posted.sentence == imported.sentence) }
    }

    @Test func `has fields that are for one way in alone`() throws {
        let posted = try read(#"{"resource":"a:1","data":1,"expect":"k-7","end":true}"#)
        #expect(posted.expected?.sequence == 7 && posted.isEnd)
        for wrong in [
            #"{"resource":"a:1","data":1,"expect":"7"}"#,
            #"{"resources":["a:1","a:2"],"data":1,"expect":"k-7"}"#,
            #"{"resource":"a:1","data":1,"end":["a:1"]}"#, #"{"ended":["a:1"]}"#,
        ] {
            #expect(throws: InputError.self) { try read(wrong) }
        }
        let fields = #""resources":["a:1","a:2"],"data":1"#
        let line = try readImported("{\(fields),\"retain\":[\"a:2\"],\"end\":[\"a:1\"],\"ttl\":5}")
        #expect(line.publication.isRetained && line.publication.isEnd)
        #expect(line.stateOf?.map(\.name) == ["a:2"] && line.endOf?.map(\.name) == ["a:1"])
        #expect(line.publication.lifetime == 5_000 && line.ended.isEmpty)
        #expect(try readImported(#"{"ended":["a:1","a:2"]}"#).ended.map(\.name) == ["a:1", "a:2"])
        for wrong in [
            #"{"resource":"a:1","data":1,"expect":"k-7"}"#, #"{"ended":[]}"#,
            #"{"ended":["a:1"],"data":1}"#, "{\(fields),\"end\":[\"a:3\"]}",
            "{\(fields),\"retain\":[]}",
        ] {
            #expect(throws: InputError.self) { try readImported(wrong) }
        }
    }

    @Test func `is the same however the names of its fields are written`() throws {
        let read = try read(#"{"r\u0065source":"a:1","\u0064\u0061ta":1,"\u0065vent":"go"}"#)
        #expect(read.resources.map(\.name) == ["a:1"] && read.data == Array("1".utf8))
        #expect(read.name.description == "go")
    }

    @Test func `takes back what an older hub took`() throws {
        let id = #""id":"k-1""#
        for name in ["error", "open"] {
            let fields = #""resource":"a:1","event":"\#(name)","data":1"#
            #expect(try readImported("{\(id),\(fields)}").publication.name.description == name)
            #expect(try readImported("{\(fields),\(id)}").publication.name.description == name)
        }
        let resources = "\"resources\":[\"a:1\",\"a:\u{85}\"],\"data\":1"
        let read = try readImported("{\(id),\(resources)}").publication
        #expect(read.resources.map(\.name) == ["a:1", "a:\u{85}"])
    }

    @Test func `takes back what the hub itself has published`() throws {
        let line = #"{"id":"k-1","resource":"activity:post","event":"activity","data":{}}"#
        let read = try readImported(line).publication
        #expect(read.resources == [.activity("post")] && read.name == .activity)
        #expect(throws: InputError.self) { try self.read(line) }
    }

    @Test(arguments: [
        #""resource":"a:1","event":"connected""#, #""resource":"presence:a:1""#,
        #""resources":["activity:post","presence:a:1"]"#, #""resource":"a:1","event":"batch""#,
        "\"resource\":\"a:\u{1}\"", "\"resource\":\"a:\u{7F}\"", #""resource":"a:b c""#,
    ])
    func `takes back nothing that no hub took`(fields: String) {
        let line = "{\"id\":\"k-1\",\(fields),\"data\":1}"
        #expect(throws: InputError.self) { try readImported(line) }
    }

    @Test func `has an id and a time for lines to import alone`() throws {
        let text = #"{"id":"k-1","at":"1970-01-01T00:00:01.5Z","resource":"a:1","data":1}"#
        #expect(try readImported(text).at == 1500)
        let posted = try #require(fault { () throws(InputError) in _ = try read(text) })
        #expect(posted.pointer == "/id" && posted.sentence.contains("there are resource or"))
        for wrong in [#""id":"k""#, #""at":"yesterday""#, #""id":1"#, #""id":"k-1","id":"k-1""#] {
            let line = "{\"resource\":\"a:1\",\"data\":1,\(wrong)}"
            #expect(throws: InputError.self) { try readImported(line) }
        }
        let transient = #"{"resource":"a:1","data":1,"transient":true}"#
        let imported = fault { () throws(InputError) in _ = try readImported(transient) }
        #expect(imported?.pointer == "/transient")
        #expect(try read(transient).isTransient)
    }

    @Test func `bounds the form of the data that is sent`() throws {
        func text(_ count: Int, of character: Character) -> String {
            "{\"resource\":\"a:1\",\"data\":\"\(String(repeating: character, count: count))\"}"
        }
        #expect(try read(text(98, of: "x")).data.count == 100)
        let long = fault { () throws(InputError) in _ = try read(text(99, of: "x")) }
        #expect(long?.kind == .tooLarge)
        #expect(try read(text(16, of: "\u{2028}")).data.count == 50)
        let escaped = fault { () throws(InputError) in _ = try read(text(17, of: "\u{85}")) }
        #expect(escaped?.kind == .tooLarge && escaped?.pointer == "/data")
        #expect(try readImported(text(EventLimits.data.upperBound - 2, of: "x")).at == nil)
        #expect(throws: InputError.self) {
            try readImported(text(EventLimits.data.upperBound - 1, of: "x"))
        }
    }

    @Test func `knows what the presence at a resource is called`() throws {
        let name = Selector.presence(at: try Resource("a:b:1"))
        #expect(name.description == "presence:a:b:1" && name.presenceTarget == "a:b:1")
        #expect(try Selector("presence:*").presenceTarget == "*")
        for other in ["presences:1", "a:presence", "a:*"] {
            #expect(try Selector(other).presenceTarget == nil)
        }
    }

    private func read(_ text: String) throws(InputError) -> Publication {
        try InputReader.read(Array(text.utf8)) { input throws(InputError) in
            try PublicationReader.read(&input, maximumData: 100)
        }
    }

    private func readImported(_ text: String) throws(InputError) -> PublicationReader.Imported {
        try InputReader.read(Array(text.utf8)) { input throws(InputError) in
            try PublicationReader.readImported(&input)
        }
    }

    private func fault(_ body: () throws(InputError) -> Void) -> InputError? {
        do throws(InputError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
