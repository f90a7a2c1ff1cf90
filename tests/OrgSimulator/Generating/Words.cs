namespace OrgSimulator.Generating;

/// <summary>The vocabulary of generated records.</summary>
public static class Words
{
    public static readonly string[] First = ["Ada", "Ben", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiro", "Inês", "Jürgen", "Kofi", "Lena", "Mo", "Nora", "Ola", "Priya",
        "Quinn", "Rosa", "Søren", "Tariq", "Uma", "Víctor", "Wen", "Xavier", "Yara", "Zoë", "小明", "Олена"];

    public static readonly string[] Last = ["Abara", "Bauer", "Castillo", "Dubois", "Eriksson", "Fischer", "García", "Haddad", "Ito", "Jensen", "Kowalski", "Lindqvist", "Müller",
        "Nguyen", "O'Brien", "Patel", "Quist", "Rossi", "Šimek", "Tanaka", "Ustinov", "van der Berg", "Weiß", "Yılmaz", "Zhang", "王"];

    public static readonly string[] Company = ["Alder", "Beacon", "Cinder", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Isle", "Juniper", "Kestrel", "Lumen", "Meridian", "North",
        "Orchard", "Pioneer", "Quarry", "River", "Summit", "Timber"];

    public static readonly string[] Suffix = ["Ltd", "GmbH", "Inc.", "S.A.", "Partners", "& Sons", "Group", "Cooperative"];
    public static readonly string[] Cities = ["Aarhus", "Bristol", "Curitiba", "Düsseldorf", "Eindhoven", "Fukuoka", "Göteborg", "Haifa", "Izmir", "Jaipur", "Kraków", "Łódź"];
    public static readonly string[] Countries = ["Denmark", "United Kingdom", "Brazil", "Germany", "Netherlands", "Japan", "Sweden", "Israel", "Türkiye", "India", "Poland"];
    public static readonly string[] Stages = ["Idea", "Planned", "Running", "On hold", "Finished"];
    public static readonly string[] Tags = ["alpha", "beta", "gamma", "delta", "needs review", "done"];
    public static readonly string[] Verbs = ["Call", "Review", "Prepare", "Send", "Check", "Discuss", "Renew", "Cancel"];
    public static readonly string[] Things = ["contract", "invoice", "offer", "delivery", "pump", "licence", "training", "complaint"];

    /// <summary>Texts that break careless CSV, JSON, HTML, SQL and spreadsheets. None begins or ends with white space: the org would trim it.</summary>
    public static readonly string[] Nasty =
    [
        "=1+2", "+44 20 7946 0000", "-5", "@SUM(A1)", "Comma, \"quoted\" and 'single'", "\"\"", "semi;colon|pipe^caret`tick\ttab", "漢字とかな", "مرحبا بالعالم", "👩‍👩‍👧 family 🇩🇰",
        "e\u0301 decomposed", "<b>bold</b> & <script>alert(1)</script>", "Robert'); DROP TABLE Students;--", "#N/A", "null", "NULL", "true", "0", "00123", "1e5", "\\backslash\\n",
        "C:\\temp\\new", "{{template}} ${expr} %s %d", "zero\u200Bwidth", "ﬁ ligature ß ẞ ı İ",
    ];

    /// <summary>Longer texts with line ends and quotes.</summary>
    public static readonly string[] NastyLong =
    [
        "First line\nSecond line, with comma\n\"Third\" line", "Dear \"all\",\n\n=HYPERLINK(\"http://example.com\")\n\nBest,\nAda", "a\"b\"\"c\n\n\nd", "one;two\nthree\tfour",
    ];
}
