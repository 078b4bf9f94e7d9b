internal import Access
internal import Configuration
internal import Reactor

/// A file that a flag names, and what its content changes in the policy.
struct CredentialFile: Sendable {
    typealias Change = @Sendable (inout AccessPolicy) -> Void

    /// The flag without its dashes.
    let flag: String
    let path: String
    private let read: @Sendable ([UInt8]) throws(CredentialFault) -> (Change, notes: [String])

    /// The most bytes of a file.
    private static let maximumBytes = APIKeySet.maximumBytes

    /// Reads the file.
    ///
    /// - Returns: what to change in the policy, and what an operator should know.
    /// - Throws: a fault with the flag and never with the file's content.
    func load() throws(CredentialFault) -> (change: Change, notes: [String]) {
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(path, limit: Self.maximumBytes)
        } catch {
            throw CredentialFault("--\(flag) cannot be read (\(error)).")
        }
        do throws(CredentialFault) { return try read(bytes) } catch {
            throw CredentialFault("--\(flag) \(path) cannot be used: \(error)")
        }
    }

    /// The name of the source of keys that the file is.
    private static func source(_ flag: String, _ path: String) -> String { "--\(flag) \(path)" }

    /// Returns the files that the settings name, the source of each put into the policy.
    static func all(
        _ settings: CredentialSettings, sources: inout [TokenKeys.Source]
    ) -> [CredentialFile] {
        var files: [CredentialFile] = []
        if let path = settings.jwtSecretFile {
            let name = source("jwt-secret-file", path)
            sources.append(TokenKeys.Source(name: name))
            files.append(
                keys("jwt-secret-file", path) { bytes throws(KeyFault) in
                    try KeySet(secretFile: bytes)
                })
        }
        if let path = settings.jwtKeysFile {
            let name = source("jwt-keys-file", path)
            sources.append(TokenKeys.Source(name: name))
            files.append(
                keys("jwt-keys-file", path) { bytes throws(KeyFault) in
                    try KeySet(file: bytes)
                })
        }
        if let path = settings.apiKeysFile { files.append(apiKeys(path)) }
        if let path = settings.urlSecretFile { files.append(urlSecret(path)) }
        return files
    }

    private static func keys(
        _ flag: String, _ path: String,
        _ parse: @escaping @Sendable ([UInt8]) throws(KeyFault) -> KeySet
    ) -> CredentialFile {
        let name = source(flag, path)
        return CredentialFile(flag: flag, path: path) { bytes throws(CredentialFault) in
            do throws(KeyFault) {
                let keys = try parse(bytes)
                return ({ $0.tokenKeys.replace(keys, of: name) }, keys.notes)
            } catch {
                throw CredentialFault("\(error).")
            }
        }
    }

    private static func apiKeys(_ path: String) -> CredentialFile {
        CredentialFile(flag: "api-keys-file", path: path) { bytes throws(CredentialFault) in
            do throws(APIKeySet.Fault) {
                let keys = try APIKeySet(file: bytes)
                return ({ $0.apiKeys = keys }, [])
            } catch {
                throw CredentialFault("\(error)")
            }
        }
    }

    private static func urlSecret(_ path: String) -> CredentialFile {
        CredentialFile(flag: "url-secret-file", path: path) { bytes throws(CredentialFault) in
            do throws(KeyFault) {
                let secret = try Secret.read(bytes)
                let notes =
                    secret.count < Secret.recommendedCount
                    ? ["The secret has \(secret.count) bytes and can be guessed."] : []
                return ({ $0.urlSecret = secret }, notes)
            } catch {
                throw CredentialFault("\(error).")
            }
        }
    }
}

/// The reason why a file or a setting cannot be used, as a sentence.
package struct CredentialFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
