// Themes of people who make things with their hands.

extension Theme {
    static let ceramics = Theme(
        name: "ceramics",
        stems: [
            "ceramic", "potter", "pottery", "pots", "kiln", "glaze", "clay", "porcelain",
            "stoneware",
        ],
        occupations: ["potter", "ceramic artist", "studio potter and teacher", "tile maker"],
        interests: [
            "wood firing", "wild clay", "Japanese tea bowls", "old tiles", "glaze chemistry",
        ],
        doing: [
            "mixing a glaze that nobody has asked for", "throwing bowls before breakfast",
            "waiting for the kiln to cool", "trimming the same foot twice",
            "teaching beginners to centre a lump of clay",
        ],
        moments: [
            "I opened the kiln a little too early, as always, and the warm air smelled of dust and iron.",
            "Two mugs had kissed during the firing and would not let go of each other.",
            "The blue came out green, and the green is better than anything I had sketched.",
            "I weighed the clay, closed my eyes and let the wheel decide.",
            "One bowl rang like a bell when I tapped it, and the whole studio went quiet.",
        ],
        lessons: [
            "Dry slowly, fire slowly, and open the lid last of all.",
            "Keep the ugly test tiles; they are the only honest diary a studio has.",
            "If it cracks, ask where the water went before you blame the clay.",
        ],
        tags: ["ceramics", "pottery", "handmade", "studiolife", "kiln"])

    static let baking = Theme(
        name: "baking",
        stems: [
            "bake", "baker", "baking", "bakery", "bread", "sourdough", "chef", "cook", "kitchen",
            "pastry", "cake", "food", "recipe", "restaurant", "dough", "vegan", "soup",
        ],
        occupations: ["baker", "pastry chef", "cook and food writer", "supper club host"],
        interests: [
            "sourdough", "farmers' markets", "fermentation", "regional recipes", "old stoves",
        ],
        doing: [
            "feeding a sourdough starter older than most friendships", "folding butter into dough",
            "tasting the soup one last time", "writing recipes on the backs of receipts",
            "arguing about salt",
        ],
        moments: [
            "The first loaf came out with an ear so crisp that I listened to it sing.",
            "I forgot the timer, and the crust turned the colour of chestnuts.",
            "My grandmother's handwriting says 'enough flour', which is no measure and exactly right.",
            "Someone took a bite, closed their eyes and asked for the corner piece.",
            "The dough had climbed over the bowl in the night and was on its way to the door.",
        ],
        lessons: [
            "Taste as you go, and salt earlier than you think.",
            "A hot oven forgives more than a perfect recipe.",
            "Give the dough the time that you wish someone gave you.",
        ],
        tags: ["baking", "sourdough", "homemade", "foodstories", "kitchen"])

    static let art = Theme(
        name: "art",
        stems: [
            "art", "artist", "artwork", "paint", "draw", "illustrat", "illustration", "sketch",
            "sculpt", "sculpture", "gallery", "canvas", "design", "watercolo", "printmak",
            "linocut",
        ],
        occupations: ["illustrator", "painter", "printmaker", "graphic designer"],
        interests: ["linocuts", "old maps", "museum cafés", "colour theory", "sketchbooks"],
        doing: [
            "drawing strangers on trains", "mixing a grey that is not sad",
            "cutting one more layer into the lino", "sorting brushes instead of starting",
            "looking at one painting for an hour",
        ],
        moments: [
            "I painted over three weeks of work and felt lighter with every stroke.",
            "The accident in the corner turned out to be the best part.",
            "A child asked why the sky was yellow, and I had no better answer than 'because it was'.",
            "I pulled the first print, and for once the registration was perfect.",
            "The paper buckled, the ink ran, and suddenly there was weather in the picture.",
        ],
        lessons: [
            "Finish the bad ones too; they hold the door for the good ones.",
            "Squint before you add anything.",
            "Keep a sketchbook that nobody else may see.",
        ],
        tags: ["art", "sketchbook", "illustration", "process", "colour"])

    static let fashion = Theme(
        name: "fashion",
        stems: [
            "fashion", "sew", "sewing", "seamstress", "knit", "knitting", "textile", "tailor",
            "clothes", "clothing", "fabric", "vintage", "style", "stylist",
        ],
        occupations: ["tailor", "textile designer", "vintage dealer", "knitwear designer"],
        interests: ["natural dyes", "mending", "flea markets", "old sewing patterns", "wool"],
        doing: [
            "mending a coat for the third winter", "dyeing linen with onion skins",
            "hunting for buttons at the flea market", "unpicking a seam with patience",
            "fitting a sleeve that did not want to fit",
        ],
        moments: [
            "The lining had a secret pocket, and in it was a tram ticket from 1961.",
            "I cut once, measured afterwards, and invented a new kind of collar.",
            "The dye bath went from beige to the colour of late apricots within a minute.",
            "A stranger stopped me to ask who had made my jacket, and I could say: I did.",
            "Forty rows in I saw the mistake in row three and decided to like it.",
        ],
        lessons: [
            "Press every seam; it is half of the work and all of the look.",
            "Buy less, mend sooner, wear it longer.",
            "Read the fabric before you read the pattern.",
        ],
        tags: ["slowfashion", "handmade", "mending", "textiles", "sewing"])

    static let technology = Theme(
        name: "technology",
        stems: [
            "tech", "technology", "code", "coder", "coding", "program", "programm", "software",
            "developer", "engineer", "robot", "computer", "app", "startup", "ai", "electronic",
            "hack", "gamer", "gaming", "game", "keyboard", "deploy",
        ],
        occupations: [
            "software developer", "robotics engineer", "indie game maker", "maker and tinkerer",
        ],
        interests: [
            "mechanical keyboards", "open source", "soldering", "retro consoles", "small robots",
        ],
        doing: [
            "deleting more code than was written", "chasing a bug that appears on Fridays only",
            "soldering at midnight", "teaching a robot to pick up socks",
            "reading documentation for pleasure",
        ],
        moments: [
            "The test went green, and I did not trust it, so I broke the code to see it go red.",
            "The robot drove straight past the target and bowed to the wall.",
            "It was a comma, of course, after two days it was a comma.",
            "Someone on the other side of the world fixed my bug before I had finished my tea.",
            "I drew the whole thing on paper, and half of the problem disappeared.",
        ],
        lessons: [
            "Make it work, write down why it works, and only then make it fast.",
            "The best tool is the one that you can explain to a friend.",
            "Back it up before you are proud of it.",
        ],
        tags: ["coding", "makers", "opensource", "buildinpublic", "robots"])

    static let photography = Theme(
        name: "photography",
        stems: [
            "photo", "photograph", "camera", "film", "filmmaker", "darkroom", "portrait", "video",
            "cinema",
        ],
        occupations: [
            "photographer", "documentary film maker", "darkroom printer", "camera repairer",
        ],
        interests: [
            "street photography", "analogue film", "contact sheets", "available light",
            "photo books",
        ],
        doing: [
            "waiting for the light to turn the corner", "developing film in the bathroom",
            "asking strangers for two minutes", "printing the same negative once more",
            "walking the same street with a different lens",
        ],
        moments: [
            "The sun came out for eleven seconds, and I was ready for nine of them.",
            "I had loaded the film the wrong way round, and still there was one picture.",
            "She laughed at something behind me, and that was the portrait.",
            "In the red light of the darkroom the face came up slowly, as if it remembered.",
            "I left the camera in the bag for an hour and saw more than all week.",
        ],
        lessons: [
            "Move your feet before you touch the zoom.",
            "Print it; a picture on a screen is only a rumour.",
            "Good light is patient with those who come back.",
        ],
        tags: ["photography", "analogue", "light", "streetphotography", "darkroom"])
}
