import Testing

@testable import Access

extension `An attack` {
    private static let header = Base64URL.text(Array(#"{"alg":"HS256"}"#.utf8))
    private static let body = Base64URL.text(Array(standardClaims.utf8))

    /// A good token that is then changed.
    private static func changed(
        _ name: String, _ reason: Refusal.Reason = .malformed,
        _ change: @escaping @Sendable (String) -> String
    ) -> Attack {
        Attack(name, reason, { change(try token()) })
    }

    static let forms: [Attack] = [
        .text("a word", .malformed, "token"),
        .text("two parts", .malformed, header + "." + body),
        .text("four parts", .malformed, header + "." + body + ".AAAA.AAAA"),
        .text("five parts, as of JWE", .malformed, "e30.e30.e30.e30.e30"),
        .text("two stops", .malformed, ".."),
        changed("padding behind it") { $0 + "=" },
        changed("padding in the header") { $0.replacing(".", with: "=.", maxReplacements: 1) },
        changed("a line break behind it") { $0 + "\n" },
        changed("a space inside") { $0.replacing(".", with: ". ", maxReplacements: 1) },
        changed("a NUL behind it") { $0 + "\0" },
        changed("a comma and another token") { $0 + "," + $0 },
        changed("another letter behind it") { $0 + "\u{301}" },
        Attack(
            "the other base64", .malformed,
            { try token(#"{"alg":"HS256"}"#, standardClaims, .text("+/+/")) }),
        // The last character of a 32-byte signature has two bits that carry nothing.
        changed("bits behind the last byte") { text in
            let alphabet = Array(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let last = text.last.flatMap { alphabet.firstIndex(of: $0) } ?? 0
            return text.dropLast() + String(alphabet[last + 1])
        },
        Attack(
            "one byte more than 16 KiB", .malformed,
            {
                let start = try token()
                return start + String(repeating: "A", count: (16 << 10) + 1 - start.utf8.count)
            }),
        .text("a megabyte", .malformed, String(repeating: "A", count: 1 << 20)),
        .text("a megabyte of stops", .malformed, String(repeating: ".", count: 1 << 20)),
    ]

    static let dates: [Attack] = [
        .claims("exp missing", .malformed, #"{"sub":"7"}"#),
        .claims("exp a string", .malformed, #"{"exp":"1800000100"}"#),
        .claims("exp null", .malformed, #"{"exp":null}"#),
        .claims("exp true", .malformed, #"{"exp":true}"#),
        .claims("exp larger than any number", .malformed, #"{"exp":1e400}"#),
        .claims("exp at the leeway's end", .expired, #"{"exp":1799999970}"#),
        .claims("exp zero", .expired, #"{"exp":0}"#),
        .claims("exp negative and huge", .expired, #"{"exp":-1e300}"#),
        .claims("exp in exponents", .expired, #"{"exp":1.7e9}"#),
        .claims("exp twice", .malformed, #"{"exp":1,"exp":1800000100}"#),
        .claims("exp in milliseconds' place", .expired, #"{"exp":1800000}"#),
        .member("nbf beyond the leeway", .notYet, #""nbf":1800000031"#),
        .member("nbf with a fraction beyond the leeway", .notYet, #""nbf":1800000030.5"#),
        .member("nbf far away", .notYet, #""nbf":1e300"#),
        .member("nbf a string", .malformed, #""nbf":"0""#),
        .member("iat a string", .malformed, #""iat":"now""#),
    ]

    static let claimShapes: [Attack] = [
        .claims("claims a list", .malformed, "[]"),
        .claims("claims no JSON", .malformed, "exp=1"),
        .claims("claims not UTF-8 as JSON wants", .malformed, "{\"exp\":1800000100,}"),
        .member("sub a number", .malformed, #""sub":7"#),
        .member("sub twice", .malformed, #""sub":"a","sub":"b""#),
        .member("sub half a character", .malformed, #""sub":"\ud800""#),
        .member("aud a number", .malformed, #""aud":1"#),
        .member("aud a list of numbers", .malformed, #""aud":[1]"#),
        .member("iss a list", .malformed, #""iss":["a"]"#),
        .member("martlet null", .malformed, #""martlet":null"#),
        .member("martlet a list", .malformed, #""martlet":["*"]"#),
        .member("martlet true", .malformed, #""martlet":true"#),
        .member("martlet a string of JSON", .malformed, #""martlet":"{}""#),
        .member("martlet twice", .malformed, #""martlet":{},"martlet":{"admin":true}"#),
        .member("subscribe a string", .malformed, #""martlet":{"subscribe":"*"}"#),
        .member("subscribe a number inside", .malformed, #""martlet":{"subscribe":["a:1",1]}"#),
        .member("subscribe twice", .malformed, #""martlet":{"subscribe":[],"subscribe":["*"]}"#),
        .member("publish an object", .malformed, #""martlet":{"publish":{"*":true}}"#),
        .member("a pattern without a colon", .malformed, #""martlet":{"publish":["post"]}"#),
        .member("a pattern of nothing", .malformed, #""martlet":{"publish":[""]}"#),
        .member("a pattern with a star for a kind", .malformed, #""martlet":{"publish":["*:*"]}"#),
        .member("two patterns in one", .malformed, #""martlet":{"subscribe":["a:1,b:2"]}"#),
        .member("admin a string", .malformed, #""martlet":{"admin":"false"}"#),
        .member("admin 1", .malformed, #""martlet":{"admin":1}"#),
        .member("jobs a string", .malformed, #""martlet":{"jobs":"read"}"#),
        .member("jobs an unknown word", .malformed, #""martlet":{"jobs":["admin"]}"#),
        .member("an unknown member", .malformed, #""martlet":{"subscirbe":["*"]}"#),
    ]

    private static func ruled(
        _ name: String, _ reason: Refusal.Reason, _ members: String
    ) -> Attack {
        Attack(
            name, reason, { try token(#"{"alg":"HS256"}"#, claims(members)) },
            with: {
                policy {
                    $0.tokenRules.issuer = "https://a.example"
                    $0.tokenRules.audience = "caf\u{E9}"
                }
            })
    }

    static let rules: [Attack] = [
        ruled("no issuer", .wrongIssuer, "\"aud\":\"caf\u{E9}\""),
        ruled("another issuer", .wrongIssuer, #""iss":"https://b.example""#),
        ruled("the issuer with a slash", .wrongIssuer, #""iss":"https://a.example/""#),
        ruled("the issuer in another case", .wrongIssuer, #""iss":"https://A.example""#),
        ruled("no audience", .wrongAudience, #""iss":"https://a.example""#),
        ruled("another audience", .wrongAudience, #""iss":"https://a.example","aud":"x""#),
        ruled("no audience of a list", .wrongAudience, #""iss":"https://a.example","aud":[]"#),
        ruled(
            "the audience in another normal form", .wrongAudience,
            "\"iss\":\"https://a.example\",\"aud\":[\"cafe\u{301}\"]"),
    ]
}
