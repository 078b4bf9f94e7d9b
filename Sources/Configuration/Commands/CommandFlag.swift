/// A flag of a command with settings of the type `Root`, from which parsing and help come.
///
/// `martlet serve` has many flags of few kinds and a table of its own, `Flag`.
struct CommandFlag<Root>: Sendable {
    let name: String
    /// A letter that stands for the name.
    let letter: String?
    /// The word for the value in the help text; `nil` for a flag without a value.
    let placeholder: String?
    let help: String
    /// The environment variable that sets the same; the flag wins.
    let variable: String?
    /// Reads the text into the command.
    ///
    /// It returns `nil` or, for a text that is not acceptable, what it has to be, in words that
    /// follow "must be".
    let read: @Sendable (String, inout Root) -> String?

    init(
        name: String, letter: String? = nil, placeholder: String?, help: String,
        variable: String? = nil, read: @escaping @Sendable (String, inout Root) -> String?
    ) {
        self.name = name
        self.letter = letter
        self.placeholder = placeholder
        self.help = help
        self.variable = variable
        self.read = read
    }

    /// Makes a flag without a value, which switches something on.
    static func toggle(
        _ name: String, letter: String? = nil,
        _ path: any WritableKeyPath<Root, Bool> & Sendable, _ help: String
    ) -> Self {
        Self(name: name, letter: letter, placeholder: nil, help: help) { _, root in
            root[keyPath: path] = true
            return nil
        }
    }

    /// Makes a flag with a text that is not empty.
    static func text(
        _ name: String, _ placeholder: String,
        _ path: any WritableKeyPath<Root, String?> & Sendable, _ help: String,
        variable: String? = nil
    ) -> Self {
        Self(name: name, placeholder: placeholder, help: help, variable: variable) { text, root in
            guard !text.isEmpty, !text.utf8.contains(0) else { return "a text that is not empty" }
            root[keyPath: path] = text
            return nil
        }
    }

    /// Makes the flag of the same name as one of `martlet serve`.
    static func serve(
        _ flag: Flag, _ path: any WritableKeyPath<Root, ServeConfiguration> & Sendable
    ) -> Self {
        Self(
            name: flag.name, placeholder: flag.isSwitch ? nil : flag.placeholder, help: flag.help,
            variable: flag.environmentName
        ) { text, root in
            let text = flag.isSwitch && text.isEmpty ? "true" : text
            return flag.value.read(text, into: &root[keyPath: path])?.expected
        }
    }

    /// The name and the letter as they are typed, with their dashes.
    var names: [String] { ["--\(name)"] + (letter.map { ["-\($0)"] } ?? []) }
}
