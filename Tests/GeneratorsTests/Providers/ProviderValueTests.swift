import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `A text in base64` {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `is as RFC 4648 has it`(bytes: String, text: String) {
        #expect(Base64.encode(Array(bytes.utf8)) == text)
        #expect(Base64.decode(Array(text.utf8)) == Array(bytes.utf8))
    }

    @Test func `gives back all bytes in all places`() {
        for start in 0..<4 {
            let bytes = [UInt8](repeating: 7, count: start) + (0...255).map { UInt8($0) }
            #expect(Base64.decode(Array(Base64.encode(bytes).utf8)) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zm9v\n", "Zm 9v", "Zm-_",
        "Zg==Zg==", "%%%%",
    ])
    func `that no encoder writes is refused`(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `Advice about retries` {
    private func retry(
        _ status: Int, _ fields: [String: String] = [:], _ body: String = "",
        now: Double = 784_111_700
    ) -> GenerationError.Retry {
        RetryAdvice(
            status: status, message: ProviderMessage(body: Array(body.utf8)),
            field: { fields[$0] }, now: now
        ).retry
    }

    @Test(arguments: [400, 401, 403, 404, 405, 413, 422, 302])
    func `is never to, for what the request is to blame for`(status: Int) {
        #expect(retry(status) == .never)
        #expect(retry(status, ["retry-after": "1"]) == .never)
    }

    @Test(arguments: [408, 409, 429, 500, 502, 503, 504, 529])
    func `is later, for what passes by itself`(status: Int) {
        #expect(retry(status) == .later)
        #expect(retry(status, ["retry-after": "1.5"]) == .after(1.5))
    }

    @Test func `takes milliseconds before seconds before a date`() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(retry(429, ["retry-after": date]) == .after(77))
        #expect(retry(429, ["retry-after": date], now: 784_111_700.75) == .after(76.25))
        #expect(retry(429, ["retry-after": "12"]) == .after(12))
        #expect(retry(429, ["retry-after-ms": "250", "retry-after": "12"]) == .after(0.25))
    }

    @Test(arguments: [
        "soon", "", "-1", "0", "nan", "inf", "Sun, 06 Nov 1994 08:00:00 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
    ])
    func `does without a time that cannot be`(value: String) {
        #expect(retry(503, ["retry-after": value]) == .later)
    }

    @Test func `is what the server says outright`() {
        #expect(retry(500, ["x-should-retry": "false"]) == .never)
        #expect(retry(400, ["x-should-retry": "true"]) == .later)
        #expect(retry(400, ["x-should-retry": "true", "retry-after": "3"]) == .after(3))
    }

    @Test(arguments: [
        #"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#,
        #"{"error":{"message":"m","type":null,"code":"content_policy_violation"}}"#,
    ])
    func `is never to where waiting does not help`(body: String) {
        #expect(retry(429, ["retry-after": "1", "x-should-retry": "true"], body) == .never)
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
        ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
        ("Thu, 31 Dec 2099 23:59:59 GMT", 4_102_444_799),
    ])
    func `reads dates`(date: String, seconds: Int) {
        #expect(RetryAdvice.secondsSinceEpoch(date) == seconds)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A provider's message` {
    @Test(arguments: [
        #"{"error":{"message":"words","type":"t","code":429,"param":"p"}}"#,
        #"{"error":{"message":"words","type":"t","code":"429","param":"p"},"message":"other"}"#,
    ])
    func `is read with its codes`(body: String) {
        let message = ProviderMessage(body: Array(body.utf8))
        #expect(message.text == "words")
        #expect(message.type == "t")
        #expect(message.code == "429")
        #expect(message.parameter == "p")
    }

    @Test(arguments: [
        #"{"error":"words"}"#, #"{"detail":"words"}"#, #"{"message":"words"}"#,
        #"{"detail":[{"loc":["body"],"msg":"words"}]}"#, #"{"detail":{"error":"words"}}"#,
        #"{"object":"error","message":"words","type":"t","code":400}"#,
        #"{"object":"error","message":{"detail":[{"msg":"words","type":"x"}]},"type":"t"}"#,
        #"{"error":{"message":{"detail":"words"}}}"#,
        #"{"type":"error","error":{"message":"words"}}"#,
        #"{"error":"HTTPException","detail":"words","body":"","errors":""}"#,
        #"{"error":"OutOfMemoryError","detail":"","body":"","errors":"words"}"#,
        #"{"error":{"message":"words","code":null},"cut":"#,
    ])
    func `is read in every shape`(body: String) {
        #expect(ProviderMessage(body: Array(body.utf8)).text == "words")
    }

    @Test func `names the places that it complains of`() {
        let body = """
            {"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","seed"],\
            "msg":"No.","input":5},{"loc":["body","messages",0,"role"],"msg":"Who?"},{"msg":"And"},\
            {"msg":"more"}]},"type":"invalid_request_error","code":null}
            """
        let message = ProviderMessage(body: Array(body.utf8))
        #expect(message.text == "seed: No.; messages.0.role: Who?; And")
        #expect(message.type == "invalid_request_error")
        #expect(message.names("seed") && message.names("messages"))
        #expect(!message.names("input") && !message.names("msg"))
    }

    @Test(arguments: [
        (#"{"error":{"message":"No seed here, please","param":"n"}}"#, "n", "seed"),
        (
            #"{"error":{"message":"x","param":"response_format.json_schema"}}"#, "response_format",
            "x"
        ),
        (#"{"error":{"message":"Unknown: ['seed'], use seeds","param":null}}"#, "seed", "see"),
        (#"{"error":"field ChatRequest.format of type string"}"#, "format", "form"),
    ])
    func `names members by its fields or else in words`(
        body: String, named: String, other: String
    ) {
        let message = ProviderMessage(body: Array(body.utf8))
        #expect(message.names(named))
        #expect(!message.names(other))
    }

    @Test(arguments: [
        (#"{"error":{"code":429}}"#, 429), (#"{"error":{"code":"503"}}"#, 503),
        (#"{"error":{"status":404}}"#, 404), (#"{"object":"error","message":"x","code":500}"#, 500),
        (#"{"error":{"code":"rate_limit_exceeded"}}"#, nil), (#"{"error":{"code":200}}"#, nil),
    ])
    func `has a status where its code is one`(body: String, status: Int?) {
        #expect(ProviderMessage(body: Array(body.utf8)).status == status)
    }

    @Test(arguments: ["", "<html>", "[]", "null", #"{"error":null}"#, #"{"error":{}}"#, "{"])
    func `may be missing`(body: String) {
        #expect(ProviderMessage(body: Array(body.utf8)).text == nil)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A provider's settings` {
    @Test func `show no key however they are printed`() {
        let settings = ProviderSettings(
            url: "http://name:secret-pass@host:1/v1//", model: "m", key: " secret-key\n")
        var dumped = ""
        dump(settings.key, to: &dumped)
        let printed =
            "\(settings)" + String(reflecting: settings.key) + "\(settings.key as Any)" + dumped
        #expect(!printed.contains("secret"))
        #expect(settings.description == "m at http://host:1/v1, with a key")
        #expect(settings.url == "http://name:secret-pass@host:1/v1")
        #expect(settings.key?.bearer == "Bearer secret-key")
    }

    @Test(arguments: [nil, "", " \n"]) func `have no key without text`(key: String?) {
        #expect(ProviderSettings(url: "http://host", model: "m", key: key).key == nil)
    }

    @Test func `take a key with a colon for a name and a password`() {
        let settings = ProviderSettings(url: "http://host", model: "", key: "foo:bar")
        #expect(settings.key?.basicOrBearer == "Basic Zm9vOmJhcg==")
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A picture` {
    @Test(
        arguments: [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], "image/png"),
            ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
            (Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8), "image/webp"),
        ] as [([UInt8], String)])
    func `is known by its first bytes`(bytes: [UInt8], type: String) {
        #expect(PictureFormat.picture(bytes) == Picture(mediaType: type, bytes: bytes))
        for count in 0..<min(bytes.count, 3) {
            #expect(PictureFormat.picture(Array(bytes[..<count])) == nil)
        }
    }

    @Test(arguments: ["", "GIF89a", "<svg xmlns=", "RIFF1234WAVE", "BM", "%%% no base64 %%%"])
    func `of another kind is none`(text: String) {
        #expect(PictureFormat.picture(Array(text.utf8)) == nil)
        #expect(PictureFormat.picture(base64: text) == nil)
        #expect(PictureFormat.picture(base64: Base64.encode(Array(text.utf8))) == nil)
    }

    @Test func `may come as a data URL`() {
        let picture = PictureFormat.picture(base64: smallPicture)
        #expect(picture?.mediaType == "image/png")
        #expect(PictureFormat.picture(base64: "data:image/png;base64," + smallPicture) == picture)
    }
}
