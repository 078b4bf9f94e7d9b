// Themes of people who listen, read, taste and explore, and the theme of everybody else.

extension Theme {
    static let music = Theme(
        name: "music",
        stems: [
            "music", "musician", "sing", "singer", "singing", "song", "songwriter", "piano",
            "pianist", "guitar", "guitarist", "violin", "band", "concert", "jazz", "dj", "drum",
            "cello", "cellist", "compos", "composer", "choir",
        ],
        occupations: ["jazz singer", "cellist", "songwriter", "instrument maker"],
        interests: ["vinyl", "field recordings", "small stages", "old microphones", "choirs"],
        doing: [
            "tuning up while the room fills", "recording rain for a bass line",
            "practising the same four bars", "carrying an amplifier up five floors",
            "humming into the phone at red lights",
        ],
        moments: [
            "The second set began without a plan and ended with the whole room singing.",
            "A string broke, and the silence after it was the best note of the night.",
            "I found the melody on the way home, between two street lamps.",
            "The old man at the bar knew every word of a song that I had written last week.",
            "We played to eleven people, and all eleven stayed.",
        ],
        lessons: [
            "Practise slowly; fast comes by itself.",
            "Leave out one note and see whether anyone misses it.",
            "Listen to the room before you count in.",
        ],
        tags: ["music", "livemusic", "songwriting", "vinyl", "rehearsal"])

    static let books = Theme(
        name: "books",
        stems: [
            "book", "bookshop", "bookseller", "write", "writer", "writing", "novel", "poet",
            "poetry", "poem",
            "librar", "librarian", "reader", "reading", "author", "literatur", "story", "stories",
            "journal",
        ],
        occupations: ["novelist", "bookseller", "librarian", "poet"],
        interests: [
            "second-hand bookshops", "letters", "marginalia", "short stories", "fountain pens",
        ],
        doing: [
            "rewriting the first sentence", "recommending a book to a stranger",
            "reading on the tram past the right stop", "collecting last lines",
            "sorting the shelf by the mood of the spines",
        ],
        moments: [
            "I cut the chapter that I loved most, and the book began to breathe.",
            "A reader sent me a photograph of my own book, swollen from the bath.",
            "Between two pages was a pressed violet, older than I am.",
            "I wrote four hundred words, kept nine of them and called it a good day.",
            "The shop was empty, the rain was loud, and I read the ending twice.",
        ],
        lessons: [
            "Stop while you still know what comes next.",
            "Read it aloud; the ear is the better editor.",
            "Lend your favourite book and do not ask for it back.",
        ],
        tags: ["amwriting", "books", "reading", "bookshop", "shortstories"])

    static let coffee = Theme(
        name: "coffee",
        stems: [
            "coffee", "café", "cafe", "barista", "espresso", "roast", "roaster", "roasting", "tea",
        ],
        occupations: ["coffee roaster", "barista", "tea merchant", "café owner"],
        interests: ["light roasts", "latte art", "corner tables", "grinders", "morning regulars"],
        doing: [
            "dialling in the first espresso of the day", "cupping nine coffees in a row",
            "remembering everyone's usual", "roasting in small batches",
            "descaling a stubborn machine",
        ],
        moments: [
            "The first shot ran like warm honey, and I nearly called my mother.",
            "A regular ordered something new, and the whole bar held its breath.",
            "The power went out, so we ground by hand and drank by candlelight.",
            "I poured a heart and got an onion, and the guest was happy with the onion.",
            "It tasted of apricots and, I swear, of rain.",
        ],
        lessons: [
            "Weigh it; your eye is still asleep.",
            "Fresh water matters more than a fancy machine.",
            "Drink it while it tells you something.",
        ],
        tags: ["coffee", "espresso", "roastery", "slowmornings", "cafélife"])

    static let science = Theme(
        name: "science",
        stems: [
            "science", "scientist", "scientific", "space", "star", "astro", "astronom",
            "astronomer", "physic", "physicist", "biolog", "biologist", "research", "chemist",
            "planet", "math", "climate", "doctor", "medic", "medical", "nurse", "teacher",
        ],
        occupations: ["astronomer", "science teacher", "field biologist", "museum explainer"],
        interests: [
            "meteor showers", "moss", "kitchen experiments", "good questions", "old instruments",
        ],
        doing: [
            "counting meteors on the roof", "explaining tides with a bowl of soup",
            "labelling samples at midnight", "asking one question more",
            "repeating the measurement that looked too good",
        ],
        moments: [
            "The curve on the screen bent where no curve should bend.",
            "A child asked where the dark goes when the light comes, and I am still thinking about it.",
            "Saturn stood in the eyepiece like a drawing of itself, and someone behind me gasped.",
            "The experiment failed so neatly that we learned more than we had hoped for.",
            "We lay on our backs in the wet grass and forgot to be cold.",
        ],
        lessons: [
            "Write down what you expect before you look.",
            "Say 'I do not know yet'; it is where everything begins.",
            "Measure twice, then ask someone who doubts you.",
        ],
        tags: ["science", "curiosity", "nightsky", "fieldwork", "askwhy"])

    /// The theme of a prompt that names no other.
    static let everyday = Theme(
        name: "everyday", stems: [],
        occupations: [
            "shop owner", "community organiser", "podcast host", "neighbourhood reporter",
        ],
        interests: [
            "long breakfasts", "neighbours", "good bread", "walking", "old radios", "crosswords",
            "repair cafés",
        ],
        doing: [
            "making lists and losing them", "talking to neighbours on the stairs",
            "trying one new thing a week", "walking home the long way",
            "fixing what others throw away",
        ],
        moments: [
            "It did not go as planned, and that made it worth telling.",
            "Somebody smiled at exactly the right moment.",
            "I wrote down three things that went well, and the list would not end.",
            "For ten minutes nobody looked at a phone, and I noticed the birds.",
            "The smallest part of the day turned out to be the one that I kept.",
        ],
        lessons: [
            "Begin before you are ready.",
            "Do a little of it every day, and look back once a month.",
            "Ask for help sooner; people like to be asked.",
        ],
        tags: ["everyday", "smallthings", "today", "goodnews", "slowdown"])
}
