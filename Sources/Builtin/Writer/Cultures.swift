/// A culture: names and places that go together.
struct Culture {
    let women: [String]
    let men: [String]
    let lastNames: [String]
    let cities: [String]
    /// Countries, and the words for their people.
    let countries: [String]
}

enum Cultures {
    static let all = [
        Culture(
            women: ["Inês", "Beatriz", "Leonor", "Marta"],
            men: ["Tiago", "Duarte", "Rui", "Vasco"],
            lastNames: [
                "Carvalho", "Nogueira", "Teixeira", "Faria", "Valente", "Moreira", "Brito",
            ],
            cities: ["Lisbon", "Porto", "Coimbra", "São Paulo", "Recife"],
            countries: ["Portugal", "Portuguese", "Brazil", "Brazilian"]),
        Culture(
            women: ["Camille", "Élise", "Margaux", "Noémie"],
            men: ["Hugo", "Théo", "Bastien", "Rémi"],
            lastNames: [
                "Lefèvre", "Marchand", "Girard", "Perrin", "Chevalier", "Roussel", "Blanc",
            ],
            cities: ["Paris", "Lyon", "Marseille", "Nantes", "Montreal"],
            countries: ["France", "French"]),
        Culture(
            women: ["Lena", "Frieda", "Anneke", "Greta"],
            men: ["Jonas", "Moritz", "Till", "Emil"],
            lastNames: ["Brandt", "Vogel", "Lindner", "Hartwig", "Keller", "Sommer", "Reuter"],
            cities: ["Berlin", "Hamburg", "Leipzig", "Vienna", "Zurich"],
            countries: ["Germany", "German", "Austria", "Austrian", "Switzerland", "Swiss"]),
        Culture(
            women: ["Haruka", "Yui", "Akari", "Nao"],
            men: ["Ren", "Takumi", "Daichi", "Kaito"],
            lastNames: ["Ishikawa", "Fujimoto", "Kuroda", "Nakagawa", "Ueda", "Okabe", "Morita"],
            cities: ["Tokyo", "Kyoto", "Osaka", "Sapporo", "Fukuoka"],
            countries: ["Japan", "Japanese"]),
        Culture(
            women: ["Lucía", "Carmen", "Paloma", "Ximena"],
            men: ["Mateo", "Álvaro", "Iker", "Rafael"],
            lastNames: ["Navarro", "Ibáñez", "Cabrera", "Robles", "Vega", "Aguilar", "Salinas"],
            cities: ["Madrid", "Barcelona", "Seville", "Valencia", "Mexico City", "Lima"],
            countries: ["Spain", "Spanish", "Mexico", "Mexican"]),
        Culture(
            women: ["Giulia", "Chiara", "Bianca", "Elena"],
            men: ["Matteo", "Lorenzo", "Davide"],
            lastNames: ["Ferri", "Gallo", "Marchetti", "Bassi", "Conti", "Rinaldi", "Villa"],
            cities: ["Rome", "Milan", "Bologna", "Naples", "Turin"],
            countries: ["Italy", "Italian"]),
        Culture(
            women: ["Nora", "Maeve", "Isla", "Tess"],
            men: ["Callum", "Theo", "Rowan", "Owen"],
            lastNames: ["Whitaker", "Doyle", "Ashworth", "Keane", "Harlow", "Sinclair", "Marsh"],
            cities: ["London", "Dublin", "Glasgow", "Bristol", "New York", "Melbourne", "Toronto"],
            countries: [
                "Britain", "British", "England", "English", "Ireland", "Irish", "Scotland",
                "Scottish", "Australia", "Australian",
            ]),
        Culture(
            women: ["Amara", "Zainab", "Abena", "Ngozi"],
            men: ["Kwame", "Tunde", "Chidi", "Kofi"],
            lastNames: ["Okafor", "Mensah", "Balogun", "Asante", "Eze", "Boateng", "Adeyemi"],
            cities: ["Lagos", "Accra", "Nairobi", "Abuja", "Dakar"],
            countries: ["Nigeria", "Nigerian", "Ghana", "Ghanaian", "Kenya", "Kenyan"]),
        Culture(
            women: ["Ananya", "Meera", "Ishita", "Tara"],
            men: ["Rohan", "Kabir", "Arjun", "Vikram"],
            lastNames: ["Nair", "Kulkarni", "Bhatt", "Iyer", "Chaudhary", "Rao", "Sengupta"],
            cities: ["Mumbai", "Delhi", "Bangalore", "Kochi", "Pune"],
            countries: ["India", "Indian"]),
        Culture(
            women: ["Astrid", "Linnea", "Saga", "Freja"],
            men: ["Mikkel", "Eirik", "Anders", "Otso"],
            lastNames: ["Lindqvist", "Dahl", "Nyström", "Bakken", "Holm", "Sandberg", "Virtanen"],
            cities: ["Stockholm", "Copenhagen", "Oslo", "Bergen", "Helsinki", "Reykjavik"],
            countries: [
                "Sweden", "Swedish", "Norway", "Norwegian", "Denmark", "Danish", "Finland",
                "Finnish",
            ]),
        Culture(
            women: ["Seo-yeon", "Ha-eun", "Yuna", "Sora"],
            men: ["Min-jun", "Ji-ho", "Dae-hyun"],
            lastNames: ["Kang", "Yoon", "Seo", "Baek", "Moon", "Shin", "Hwang"],
            cities: ["Seoul", "Busan", "Jeju", "Daegu"],
            countries: ["Korea", "Korean"]),
        Culture(
            women: ["Elif", "Leyla", "Yasmin", "Nur"],
            men: ["Deniz", "Emre", "Kerem", "Samir"],
            lastNames: ["Aydın", "Demirel", "Haddad", "Korkmaz", "Rahimi", "Öztürk", "Mansour"],
            cities: ["Istanbul", "Izmir", "Beirut", "Cairo", "Amman"],
            countries: ["Turkey", "Turkish", "Egypt", "Egyptian", "Lebanon", "Lebanese"]),
    ]

    /// The index of the culture to which a city, a country or a people belongs.
    static let places: [String: Int] = {
        var places: [String: Int] = [:]
        for (index, culture) in all.enumerated() {
            for place in culture.cities + culture.countries { places[place] = index }
        }
        return places
    }()
}
