import HTTP
import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A request to poll` {
    @Test func `has defaults`() throws {
        let request = try PollRequest(head("GET /poll?resources=post:1,user:*"), caller: .anyone)
        #expect(request.selectors.map(\.description) == ["post:1", "user:*"])
        #expect(request.filter == nil && request.cursor == nil)
        #expect(request.timeout == 25_000)
        #expect(request.limit == 100)
    }

    @Test func `takes a cursor, names, a time to wait and a limit`() throws {
        let request = try PollRequest(
            head("GET /poll?resources=post:1&after=k-1&events=a,b&timeout=0.5&limit=1000"),
            caller: .anyone)
        #expect(request.cursor == "k-1")
        #expect(request.filter == ["a", "b"])
        #expect(request.timeout == 500)
        #expect(request.limit == 1_000)
    }

    @Test(
        arguments: [
            ("&after=a-1", nil, "a-1"), ("&after=a-1&last_event_id=a-2", "a-9", "a-1"),
            ("&last_event_id=a-2&lastEventId=a-3", "a-9", "a-2"), ("&lastEventID=a-4", nil, "a-4"),
            ("&Last-Event-ID=a-5", "a-9", "a-5"), ("", "a-9", "a-9"), ("&after=", "a-9", "a-9"),
            ("&after=&lastEventId=", "", nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func `takes a cursor by any of its names, and last the header's`(
        query: String, field: String?, cursor: String?
    ) throws {
        let target = "GET /poll?resources=a:1" + query
        let request = try PollRequest(
            field.map { head(target, "Last-Event-ID: \($0)") } ?? head(target), caller: .anyone)
        #expect(request.cursor == cursor)
    }

    @Test(arguments: [
        "timeout=-1", "timeout=56", "timeout=", "timeout=x", "timeout=nan", "timeout=inf",
        "limit=0", "limit=1001", "limit=1.5", "limit=", "limit=-1", "events=9",
    ])
    func `is refused with 400 when a parameter is wrong`(parameter: String) {
        let problem = problem {
            try PollRequest(head("GET /poll?resources=a:1&\(parameter)"), caller: .anyone)
        }
        #expect(problem?.status == .badRequest)
    }
}
