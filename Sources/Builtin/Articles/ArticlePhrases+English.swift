extension ArticlePhrases {
    static let english = ArticlePhrases(
        headings: [
            "What {subject} is about", "Where it began", "The first steps", "What one needs for it",
            "How it works day by day", "Mistakes that many make", "What it costs",
            "What experts look at", "Examples from practice", "Where it leads in ten years",
            "How to judge good work", "What is left to try", "Help and further reading",
            "A plan for the first month",
        ],
        sentences: [
            "Whoever looks at {subject} for the first time sees the surface, and that is enough for a day.",
            "The simplest way to learn it is to do a small part of it well and then the next.",
            "In 2026 about 3 of 4 beginners start with a guide, and most of them leave it after a week.",
            "A notebook helps: write down what worked, what did not, and the date.",
            "Good tools cost less than the time that bad ones take.",
            "What looks like talent is mostly the number of times that somebody has begun again.",
            "Ask people who have done it for years; they like to talk about their failures.",
            "There are rules, and there are reasons for them; learn the reasons first.",
            "A quarter of an hour each day does more than a whole Sunday once a month.",
            "Measure before you change anything, or you will not know what helped.",
            "The second attempt is where it becomes interesting.",
            "When it goes wrong, it usually goes wrong at the same two or three places.",
            "Take your time with {subject}: it does not run away.",
        ],
        summaries: [
            "{subject} can be learned step by step: begin small, note what works, keep good tools, and ask those who "
                + "know it. The article says where to start and what to leave out.",
            "This article goes through {subject} from the first steps to what experts look at, with examples, costs and "
                + "the mistakes that are worth avoiding.",
        ],
        descriptions: [
            "{subject}: first steps, costs, common mistakes and a plan for the first month.",
            "A plain guide to {subject}, with examples from practice and answers to what readers ask.",
        ],
        questions: [
            (
                "How long does it take to learn {subject}?",
                "The first results come in a month, at a quarter of an hour a day."
            ),
            (
                "What does it cost to begin?",
                "Less than most think: begin with what is there, and buy the rest when it is missed."
            ),
            (
                "What is the most common mistake?",
                "To change three things at once, so that nobody knows which one helped."
            ),
            (
                "Is it for everybody?",
                "Whoever has patience for small steps will like it."
            ),
            (
                "Where do I find help?",
                "With people who have done it for years; most of them answer."
            ),
        ])
}
