internal import Generators

/// Writes the parts of a small web app by the theme of a prompt.
///
/// The parts are asked for one after the other and must fit together, so all of them depend on the
/// prompt alone and not on the seed.
enum AppWriter {
    /// A part of an app.
    enum Part {
        case html
        case css
        case javaScript
    }

    static func write(_ part: Part, _ prompt: String) -> String {
        let app = app(for: prompt)
        return switch part {
        case .html: app.html.replacing("{title}", with: title(of: prompt, app))
        case .css: base(accent(for: prompt)) + "\n\n" + app.css
        case .javaScript: app.javaScript
        }
    }

    /// Chooses the app whose words the prompt names first, and a board for ideas without any.
    static func app(for prompt: String) -> BuiltinApp {
        let words = prompt.lowercased().split { !$0.isLetter }.map(String.init)
        let places = BuiltinApp.all.compactMap { app in
            words.firstIndex(where: app.concerns).map { (app, $0) }
        }
        return places.min { $0.1 < $1.1 }?.0 ?? .board
    }

    /// Returns what the app is called: what the prompt is about, as HTML.
    private static func title(of prompt: String, _ app: BuiltinApp) -> String {
        let subject = PromptReading(prompt).subject
        guard (3...48).contains(subject.count) else { return app.title }
        return English.capitalised(subject).replacing("&", with: "&amp;")
            .replacing("<", with: "&lt;")
    }

    // MARK: Colours

    /// A colour for what matters, on light and on dark ground; text on both has a contrast of more
    /// than 4.5.
    struct Accent: Sendable {
        let onLight: String
        let onDark: String
    }

    static let accents = [
        Accent(onLight: "#1f45c4", onDark: "#9db6ff"),
        Accent(onLight: "#0b6b43", onDark: "#6fd6a6"),
        Accent(onLight: "#a9241c", onDark: "#ff9d93"),
        Accent(onLight: "#6b2fa0", onDark: "#cfa8ff"),
        Accent(onLight: "#8a4b08", onDark: "#f0b878"),
        Accent(onLight: "#0b6470", onDark: "#77d3df"),
    ]

    private static func accent(for prompt: String) -> Accent {
        var random = WriterRandom(prompt, seed: 0)
        return random.one(of: accents)
    }

    /// The rules that all apps share.
    private static func base(_ accent: Accent) -> String {
        """
        :root {
          color-scheme: light dark;
          --accent: light-dark(\(accent.onLight), \(accent.onDark));
          --on-accent: light-dark(#ffffff, #101318);
          --ground: light-dark(#fbfaf7, #14171c);
          --card: light-dark(#ffffff, #1d2128);
          --line: light-dark(#dcd8ce, #353c47);
          --edge: light-dark(#7d7a70, #7e8795);
          --ink: light-dark(#17191f, #eceae4);
          --soft: light-dark(#5c5f68, #a9afba);
        }

        * { box-sizing: border-box; }

        body {
          margin: 0;
          padding: 1.25rem;
          background: var(--ground);
          color: var(--ink);
          font: 1rem/1.5 system-ui, sans-serif;
        }

        h1 { margin: 0; font-size: 1.4rem; line-height: 1.2; letter-spacing: -0.02em; }
        p { margin: 0.25rem 0 1rem; color: var(--soft); }
        ul { margin: 0; padding: 0; list-style: none; }

        button, input {
          min-height: 2.75rem;
          padding: 0 1rem;
          border: 1px solid var(--edge);
          border-radius: 0.75rem;
          background: var(--card);
          color: inherit;
          font: inherit;
        }

        button { cursor: pointer; font-weight: 600; }
        button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
        form { display: flex; gap: 0.5rem; margin-bottom: 1rem; }
        form input { flex: 1; min-width: 0; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        ::placeholder { color: var(--soft); opacity: 1; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        """
    }
}
