import HTTP
import Hub

@testable import Server

/// The head of a request given as its lines; `Host` is added.
func head(_ requestLine: String, host: String = "localhost", _ fields: String...) -> RequestHead {
    let lines = [requestLine + " HTTP/1.1", "Host: \(host)"] + fields
    var decoder = RequestDecoder()
    decoder.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    guard case .head(let head)? = try? decoder.next() else {
        preconditionFailure("no request: \(lines)")
    }
    return head
}

/// The problem that `body` throws; `nil` when it throws nothing.
func problem<Value>(_ body: () throws -> Value) -> Problem? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? Problem
    }
}

func resource(_ name: String) -> Resource {
    guard let resource = try? Resource(name) else { preconditionFailure("no resource: \(name)") }
    return resource
}

extension Publication {
    var text: String { String(decoding: data, as: UTF8.self) }
}

extension Problem {
    /// The value of its field, such as `Allow`.
    func field(_ name: String) -> String? {
        fields.first { $0.0 == name }?.1
    }
}
