/// A flag of `martlet serve`: its name, the values that it takes, and the property that it sets.
///
/// Parsing, environment, validation and help all come from these values, so they cannot differ.
struct Flag: Sendable {
    /// The name without its dashes, in kebab case.
    let name: String
    /// The word for the value in the help text, for example `SECONDS`.
    let placeholder: String
    let value: Value
    /// The description in one sentence or two, without the default.
    let help: String

    init(_ name: String, _ placeholder: String, _ value: Value, _ help: String) {
        self.name = name
        self.placeholder = placeholder
        self.value = value
        self.help = help
    }

    /// The environment variable that sets the same property.
    var environmentName: String {
        "MARTLET_" + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }
}

extension Flag {
    typealias Path<Value> = any WritableKeyPath<ServeConfiguration, Value> & Sendable

    /// The kinds of value, each with what it accepts.
    enum Value: Sendable {
        case count(Path<Int>, ClosedRange<Int>)
        /// A count that may be left open; the text `open` says what happens then.
        case openCount(Path<Int?>, ClosedRange<Int>, open: String)
        case bytes(Path<Int>, ClosedRange<Int>)
        /// A duration in seconds, which may have a fraction.
        case seconds(Path<Duration>, ClosedRange<Duration>)
        case host(Path<String>)
        /// An absolute `http` or `https` address.
        case url(Path<String?>, open: String)
        /// Any text that is not empty.
        case text(Path<String?>, open: String)
        /// Names between commas.
        case names(Path<[String]>)
        case location(Path<ServeConfiguration.Location>)
        case choice(Choice)
    }

    /// A value out of a short list.
    struct Choice: Sendable {
        let names: [String]
        let name: @Sendable (ServeConfiguration) -> String
        let set: @Sendable (String, inout ServeConfiguration) -> Bool

        init<Option>(_ path: Path<Option>)
        where Option: RawRepresentable<String> & CaseIterable & Sendable {
            self.names = Option.allCases.map(\.rawValue)
            self.name = { $0[keyPath: path].rawValue }
            self.set = { name, configuration in
                guard let option = Option(rawValue: name) else { return false }
                configuration[keyPath: path] = option
                return true
            }
        }
    }

    /// Flags that are shown together under one heading.
    struct Group: Sendable {
        let title: String
        let flags: [Flag]
    }
}
