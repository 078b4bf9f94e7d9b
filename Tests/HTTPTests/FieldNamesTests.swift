import HTTP
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A list of field names` {
    @Test(arguments: [
        "a", "baggage,sentry-trace", "X-A, x-b ,\tx-c", "a,,b", ",a", "!#$%&'*+-.^_`|~09AZaz",
    ])
    func `is names between commas`(text: String) {
        #expect(FieldNames.areList(text))
    }

    @Test(arguments: [
        "", " ", ",", " , ,", "a b", "a:b", "a\r\nb", "é", "a,b c", "a;q=1", "\"a\"", "(a)", "a/b",
        "\u{0}",
    ])
    func `is nothing else`(text: String) {
        #expect(!FieldNames.areList(text))
    }
}
