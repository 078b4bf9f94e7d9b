/// Names and places that go together.
struct Culture {
    let firstNames: [String]
    let lastNames: [String]
    let cities: [String]
}

enum Cultures {
    static let all = [
        Culture(
            firstNames: ["Inês", "Tiago", "Beatriz", "Duarte", "Leonor", "Rui", "Marta", "Vasco"],
            lastNames: [
                "Carvalho", "Nogueira", "Teixeira", "Faria", "Valente", "Moreira", "Brito",
            ],
            cities: ["Lisbon", "Porto", "Coimbra", "São Paulo", "Recife"]),
        Culture(
            firstNames: [
                "Camille", "Hugo", "Élise", "Théo", "Margaux", "Bastien", "Noémie", "Rémi",
            ],
            lastNames: [
                "Lefèvre", "Marchand", "Girard", "Perrin", "Chevalier", "Roussel", "Blanc",
            ],
            cities: ["Paris", "Lyon", "Marseille", "Nantes", "Montreal"]),
        Culture(
            firstNames: ["Lena", "Jonas", "Frieda", "Moritz", "Anneke", "Till", "Greta", "Emil"],
            lastNames: ["Brandt", "Vogel", "Lindner", "Hartwig", "Keller", "Sommer", "Reuter"],
            cities: ["Berlin", "Hamburg", "Leipzig", "Vienna", "Zurich"]),
        Culture(
            firstNames: ["Haruka", "Ren", "Yui", "Sora", "Akari", "Daichi", "Nao", "Kaito"],
            lastNames: ["Ishikawa", "Fujimoto", "Kuroda", "Nakagawa", "Ueda", "Okabe", "Morita"],
            cities: ["Tokyo", "Kyoto", "Osaka", "Sapporo", "Fukuoka"]),
        Culture(
            firstNames: [
                "Lucía", "Mateo", "Carmen", "Álvaro", "Paloma", "Iker", "Ximena", "Rafael",
            ],
            lastNames: ["Navarro", "Ibáñez", "Cabrera", "Robles", "Vega", "Aguilar", "Salinas"],
            cities: ["Madrid", "Barcelona", "Seville", "Valencia", "Mexico City", "Lima"]),
        Culture(
            firstNames: ["Giulia", "Matteo", "Chiara", "Lorenzo", "Bianca", "Davide", "Elena"],
            lastNames: ["Ferri", "Gallo", "Marchetti", "Bassi", "Conti", "Rinaldi", "Villa"],
            cities: ["Rome", "Milan", "Bologna", "Naples", "Turin"]),
        Culture(
            firstNames: ["Nora", "Callum", "Maeve", "Theo", "Isla", "Rowan", "Tess", "Owen"],
            lastNames: ["Whitaker", "Doyle", "Ashworth", "Keane", "Harlow", "Sinclair", "Marsh"],
            cities: ["London", "Dublin", "Glasgow", "Bristol", "New York", "Melbourne", "Toronto"]),
        Culture(
            firstNames: ["Amara", "Kwame", "Zainab", "Tunde", "Abena", "Chidi", "Ngozi", "Kofi"],
            lastNames: ["Okafor", "Mensah", "Balogun", "Asante", "Eze", "Boateng", "Adeyemi"],
            cities: ["Lagos", "Accra", "Nairobi", "Abuja", "Dakar"]),
        Culture(
            firstNames: ["Ananya", "Rohan", "Meera", "Kabir", "Ishita", "Arjun", "Tara", "Vikram"],
            lastNames: ["Nair", "Kulkarni", "Bhatt", "Iyer", "Chaudhary", "Rao", "Sengupta"],
            cities: ["Mumbai", "Delhi", "Bangalore", "Kochi", "Pune"]),
        Culture(
            firstNames: ["Astrid", "Mikkel", "Linnea", "Eirik", "Saga", "Anders", "Freja", "Otso"],
            lastNames: ["Lindqvist", "Dahl", "Nyström", "Bakken", "Holm", "Sandberg", "Virtanen"],
            cities: ["Stockholm", "Copenhagen", "Oslo", "Bergen", "Helsinki", "Reykjavik"]),
        Culture(
            firstNames: ["Seo-yeon", "Min-jun", "Ha-eun", "Ji-ho", "Yuna", "Dae-hyun", "Sora"],
            lastNames: ["Kang", "Yoon", "Seo", "Baek", "Moon", "Shin", "Hwang"],
            cities: ["Seoul", "Busan", "Jeju", "Daegu"]),
        Culture(
            firstNames: ["Elif", "Deniz", "Leyla", "Emre", "Yasmin", "Kerem", "Nur", "Samir"],
            lastNames: ["Aydın", "Demirel", "Haddad", "Korkmaz", "Rahimi", "Öztürk", "Mansour"],
            cities: ["Istanbul", "Izmir", "Beirut", "Cairo", "Amman"]),
    ]

    /// Which culture a city belongs to.
    static let cities: [String: Int] = {
        var cities: [String: Int] = [:]
        for (index, culture) in all.enumerated() {
            for city in culture.cities { cities[city] = index }
        }
        return cities
    }()
}
