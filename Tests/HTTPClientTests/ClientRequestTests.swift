import HTTPClient
import Testing

@Suite struct `A request to another server` {
    @Test func `does not follow redirects unless told to`() {
        #expect(!ClientRequest("GET", "http://127.0.0.1/").followsRedirects)
    }
}
