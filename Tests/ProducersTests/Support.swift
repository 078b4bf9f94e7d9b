import HTTP
import Hub
import JSON
import Telemetry

@testable import Producers
@testable import Records

/// The head of a GET request.
func head(_ target: String) -> RequestHead {
    var decoder = RequestDecoder()
    decoder.append(Array("GET \(target) HTTP/1.1\r\nHost: hub\r\n\r\n".utf8))
    guard case .head(let head)? = try? decoder.next() else {
        preconditionFailure("no request: \(target)")
    }
    return head
}

/// The problem that `body` throws; `nil` when it throws nothing.
func problem(_ body: () throws -> Void) -> Problem? {
    do {
        try body()
        return nil
    } catch {
        return error as? Problem
    }
}

/// The same of what takes its time.
func problem(_ body: () async throws -> Void) async -> Problem? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Problem
    }
}

/// The scalars of a JSON object by name, as text; what is no scalar is left out.
func members(of json: [UInt8]) -> [String: String] {
    var reader = JSONReader(json)
    var members: [String: String] = [:]
    do throws(JSONError) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch try reader.peekKind() {
            case .string: members[key] = try reader.readString()
            case .number: members[key] = try reader.readNumber()
            case .null: members[key] = "null"
            case .boolean: members[key] = "\(try reader.readBoolean())"
            default: break
            }
        }
    } catch {
        preconditionFailure("\(String(decoding: json, as: UTF8.self)): \(error)")
    }
    return members
}
