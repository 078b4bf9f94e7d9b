import Glibc

/// A TLS server of OpenSSL's own program with a certificate for `localhost` that nobody has signed.
@safe final class SecureServer {
    /// What did not work.
    struct Failure: Error {
        let description: String
    }

    let port: Int
    /// The file of its certificate.
    let certificate: String
    private let directory: String
    private let process: pid_t
    private let output: UnsafeMutablePointer<FILE>

    // Other tests run meanwhile: a connection of theirs that were open here too would not end.
    private static let script = #"""
        for file in /proc/$$/fd/*; do number=${file##*/}; ((number > 2)) && eval "exec $number>&-"; done
        directory=$(mktemp -d) && cd "$directory" || exit 1
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem \
            -out certificate.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost
        echo "$directory $$"
        exec openssl s_server -accept 127.0.0.1:0 -key key.pem -cert certificate.pem -www
        """#

    init() throws(Failure) {
        let command = "exec bash -c '\(Self.script)' </dev/null 2>/dev/null"
        guard let output = unsafe popen(command, "r") else {
            throw Failure(description: "bash cannot be run")
        }
        unsafe self.output = output
        let words = unsafe Self.line(from: output).split(separator: " ").map(String.init)
        var line = ""
        repeat {
            line = unsafe Self.line(from: output)
        } while !line.isEmpty
            && !line.hasPrefix("ACCEPT ")
        guard words.count == 2, let process = pid_t(words[1]),
            let port = line.split(separator: ":").last.flatMap({ Int($0) })
        else {
            if words.count == 2, let process = pid_t(words[1]) { kill(process, SIGKILL) }
            unsafe pclose(output)
            throw Failure(description: "openssl s_server did not start")
        }
        directory = words[0]
        certificate = directory + "/certificate.pem"
        self.process = process
        self.port = port
    }

    deinit {
        kill(process, SIGKILL)
        unsafe pclose(output)
        for name in ["/certificate.pem", "/key.pem"] { unsafe unlink(directory + name) }
        unsafe rmdir(directory)
    }

    /// The next line without its end; empty at the end.
    private static func line(from output: UnsafeMutablePointer<FILE>) -> String {
        var line = [CChar](repeating: 0, count: 4096)
        guard unsafe fgets(&line, Int32(line.count), output) != nil else { return "" }
        return String(
            decoding: line.prefix { $0 != 0 && $0 != 0x0A }.map(UInt8.init), as: UTF8.self)
    }
}
