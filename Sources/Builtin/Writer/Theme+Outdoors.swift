// Themes of people who are outdoors.

extension Theme {
    static let sea = Theme(
        name: "sea",
        stems: [
            "surf", "sea", "ocean", "sail", "sailor", "swim", "swimm", "wave", "beach", "dive",
            "diver", "diving", "boat", "fish", "fisher", "fishing", "coast", "tide",
        ],
        occupations: ["surf teacher", "boat builder", "marine biologist", "open-water swimmer"],
        interests: ["longboards", "tide tables", "cold-water swimming", "lighthouses", "knots"],
        doing: [
            "waiting for the tide", "waxing the board twice", "swimming out before sunrise",
            "reading the wind off the flags", "teaching children not to fear the first wave",
        ],
        moments: [
            "The water was so clear that I saw my own shadow on the sand below.",
            "I fell off the board nine times and stood up ten.",
            "A seal came up beside me, looked me over and decided that I was no competition.",
            "The wind turned, and within a minute the bay was a mirror.",
            "We sat on the wall with salt on our faces and shared one thermos.",
        ],
        lessons: [
            "Look at the water for ten minutes before you go in.",
            "The sea does not care about your plans, which is the best thing about it.",
            "Come out of the water while you still want to stay.",
        ],
        tags: ["surf", "ocean", "saltwater", "sunrise", "coast"])

    static let mountains = Theme(
        name: "mountains",
        stems: [
            "mountain", "hike", "hiker", "hiking", "climb", "climbing", "alps", "alpine", "trail",
            "ski", "skier", "skiing", "summit", "camp", "outdoor", "forest",
        ],
        occupations: ["mountain guide", "trail builder", "hut keeper", "climbing teacher"],
        interests: ["ridge walks", "maps", "bivouacs", "alpine flowers", "climbing"],
        doing: [
            "studying contour lines over breakfast", "walking before the heat",
            "drying socks on a rock", "counting switchbacks", "repairing a path after the rain",
        ],
        moments: [
            "The clouds opened just as I had given up on the view.",
            "A family of marmots whistled at my lunch until I moved on.",
            "My boots were wet, my map was wet, and I have rarely been so content.",
            "At the top there was room for one person and a sandwich.",
            "I turned round two hundred metres below the summit, and I am proud of it.",
        ],
        lessons: [
            "Start early, eat before you are hungry, and turn round in time.",
            "The mountain will still be there next week.",
            "Carry one thing less than you think you need, except water.",
        ],
        tags: ["hiking", "mountains", "trail", "outdoors", "summit"])

    static let garden = Theme(
        name: "garden",
        stems: [
            "garden", "plant", "flower", "florist", "farm", "herb", "botan", "botanist",
            "vegetable", "tree", "bee", "beekeep", "seed",
        ],
        occupations: ["gardener", "florist", "beekeeper", "market gardener"],
        interests: ["heirloom tomatoes", "bees", "compost", "wild flowers", "seed swaps"],
        doing: [
            "turning the compost", "swapping seeds with neighbours", "talking to the tomatoes",
            "moving pots half a metre to the left", "watching the bees come home",
        ],
        moments: [
            "The first bean had pushed its way up overnight, still wearing its skin like a hat.",
            "Slugs ate the lettuce and left me the weeds, which flower beautifully.",
            "A neighbour handed a bag of plums over the fence without a word.",
            "I sat between the rows and heard the whole garden hum.",
            "The rose that I had given up on bloomed on the side nobody can see.",
        ],
        lessons: [
            "Feed the soil and leave the plants alone.",
            "Plant more than you need, and give the rest away.",
            "Everything takes a season longer than the packet says.",
        ],
        tags: ["garden", "growyourown", "bees", "compost", "wildflowers"])

    static let sport = Theme(
        name: "sport",
        stems: [
            "run", "runner", "running", "fitness", "yoga", "marathon", "cycle", "cycling",
            "cyclist", "bike", "biker", "football", "gym", "train", "training", "athlet", "dance",
            "dancer", "dancing", "sport", "coach", "workout",
        ],
        occupations: ["running coach", "yoga teacher", "bike messenger", "dance teacher"],
        interests: ["long runs", "early mornings", "bike touring", "breathing", "good sleep"],
        doing: [
            "lacing shoes in the dark", "stretching for longer than planned",
            "counting breaths instead of kilometres", "cheering for the last ones to arrive",
            "learning to rest",
        ],
        moments: [
            "The last kilometre was the first in which I smiled.",
            "I missed my best time by four seconds and did not mind at all.",
            "We started as six strangers and came back as a team.",
            "My legs said no, the road said maybe, and the dog said yes.",
            "It rained sideways, and still everyone showed up.",
        ],
        lessons: [
            "Slow is a speed, too, and you can keep it up for longer.",
            "Rest is training; write it into the plan.",
            "Ten minutes count; begin with those.",
        ],
        tags: ["running", "movement", "morningrun", "training", "keepgoing"])

    static let travel = Theme(
        name: "travel",
        stems: [
            "travel", "journey", "trip", "nomad", "adventure", "road", "explor", "explorer",
            "backpack",
        ],
        occupations: ["travel writer", "night train guide", "city guide", "map maker"],
        interests: [
            "night trains", "street food", "small museums", "phrase books", "window seats",
        ],
        doing: [
            "choosing the slow train", "getting lost on purpose",
            "learning to say thank you in ten languages",
            "writing postcards that arrive after me", "following the smell of breakfast",
        ],
        moments: [
            "I took the wrong bus and ended up at the best table in town.",
            "The woman at the station drew me a map on a napkin, with a heart for her sister's bakery.",
            "At four in the morning the mountains went by like sleeping animals.",
            "We had no language in common and talked for two hours.",
            "My suitcase travelled further than I did and came back with a new sticker.",
        ],
        lessons: [
            "Leave one day empty; it will be the one that you remember.",
            "Ask people where they eat, not where you should.",
            "Pack half of it, and bring twice the patience.",
        ],
        tags: ["slowtravel", "nighttrain", "postcards", "travel", "onmyway"])

    static let animals = Theme(
        name: "animals",
        stems: [
            "dog", "cat", "animal", "vet", "veterinar", "horse", "bird", "pet", "wildlife",
            "rescue", "puppy", "puppies",
        ],
        occupations: ["vet", "dog trainer", "bird ringer", "shelter manager"],
        interests: ["rescue dogs", "bird song", "long walks", "hedgehogs", "animal behaviour"],
        doing: [
            "persuading a cat to take a pill", "walking other people's dogs",
            "listening for the first swift of the year", "building a house for hedgehogs",
            "learning patience from an old donkey",
        ],
        moments: [
            "The shy one came out from under the table and put a paw on my shoe.",
            "I counted forty swifts above the roof and lost count when they began to scream.",
            "He ate the treat, ignored the command and looked very pleased with both of us.",
            "The vet said 'let us wait', and waiting was exactly right.",
            "Somebody had left a blanket at the gate with a note: for whoever is cold.",
        ],
        lessons: [
            "Let them come to you.",
            "Routine is kindness that one can see.",
            "Adopt the old ones; they say thank you every day.",
        ],
        tags: ["rescuedog", "animals", "birds", "adoptdontshop", "wildlife"])
}
