/// A flag of `martlet serve`: its name, the values that it takes, and the property that it sets.
///
/// Parsing, environment, validation and help all come from these values, so they cannot differ.
struct Flag: Sendable {
    /// The name without its dashes, in kebab case.
    let name: String
    /// The word for the value in the help text, for example `SECONDS`; empty for a switch.
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

    /// Creates a switch, which is off unless it is given.
    init(_ name: String, _ path: Path<Bool>, _ help: String) {
        self.init(name, "", .isOn(path), help)
    }

    /// Whether the flag stands alone, without a value.
    var isSwitch: Bool { if case .isOn = value { true } else { false } }

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
        /// Items between commas.
        case list(Path<[String]>, Item)
        /// A switch: the flag stands alone on the command line, its variable is `true` or `false`.
        case isOn(Path<Bool>)
        case location(Path<ServeConfiguration.Location>)
        case choice(Choice)
    }

    /// What each item of a list has to be.
    struct Item: Sendable {
        /// What the whole value has to be, in words that follow "must be".
        let expected: String
        let isValid: @Sendable (String) -> Bool
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
