using CsCheck;
using OrgSimulator.Loading;
using OrgSimulator.Rest;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Tests;

public sealed class SoqlFuzzTests
{
    private static readonly OrgStore Store = OrgBuilder.Build(new SimulatorOptions { Generate = 400, Seed = 7 });

    private static readonly int Inputs = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 8_000 : 500_000;
    private static readonly QueryResource Resource = new(Store, new Cursors(Store));

    /// <summary>The whole way of a query but for the socket: its rows and its columns, written as JSON. Nothing but a refusal may be thrown.</summary>
    private static void Ask(string soql)
    {
        foreach (var columns in (string[])["false", "true"])
            CompositeRequest.Materialise(Resource.Handle(new ApiRequest("GET", 66, ["queryAll"], new Dictionary<string, string> { ["q"] = soql, ["columns"] = columns }, default, null, _ => null)).Json!);
    }

    private static readonly string[] Pieces = ["SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "NULL", "Id", "Name", "Account", "Contact", "Account.Name", "(", ")", ",", "=", "!=",
        "<", ">=", "'a'", "'it\\'s'", "'%x_'", "1", "-2.5", "1e3", "2024-01-01", "2024-01-01T00:00:00Z", "TODAY", "LAST_N_DAYS:3", "LIMIT", "OFFSET", "ORDER BY", "GROUP BY", "COUNT()",
        "COUNT(Id)", "FIELDS(ALL)", "TYPEOF", "WHEN", "THEN", "END", "ASC", "NULLS LAST", "'", "\\", "!", "\n", "é", "HAVING", "FOR VIEW", "ALL ROWS", "INCLUDES", "true", "ROLLUP(", "GROUPING(Name)", "SUM(NumberOfEmployees)", "(SELECT Id FROM Contacts)", "Owner.Name", "What.Type", "USD5", "toLabel(Industry)", "WITH", "DATA CATEGORY",
        "CALENDAR_YEAR(CreatedDate)", "DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km')", "\ud83d", "\ud83d\ude00", "9999999999999999999999", "0001-01-01", "LAST_N_YEARS:99999"];

    [Fact]
    public void Any_text_is_either_a_plan_or_a_refusal() =>
        Gen.OneOf(Gen.String, Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 25].Select(words => string.Join(' ', words)),
            Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 12].Select(words => "SELECT Id FROM Account WHERE " + string.Join(' ', words))).Sample(soql =>
        {
            try
            {
                Ask(soql);
            }
            catch (ApiException refused)
            {
                Assert.NotEqual("", refused.Code);
            }
        }, iter: Inputs, threads: 2);

    private static readonly string[] Valid =
    [
        "SELECT Id, Name, Account.Owner.Name FROM Contact WHERE Account.Name LIKE 'A%' AND (Birthdate > 1990-01-01 OR Email != null) ORDER BY LastName DESC NULLS LAST LIMIT 10 OFFSET 2",
        "SELECT Id, (SELECT LastName FROM Contacts WHERE Email = null LIMIT 2) FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND NumberOfEmployees NOT IN (1, 2)",
        "SELECT COUNT(Id) c, Industry FROM Account GROUP BY Industry HAVING COUNT(Id) > 1",
        "SELECT FIELDS(STANDARD) FROM Account USING SCOPE mine WHERE CreatedDate = LAST_N_DAYS:30 FOR VIEW",
        "SELECT count() FROM Contact c, c.Account a WHERE a.Name = 'x' AND NOT (c.LastName = 'y\\'s')",
        "SELECT Name, DISTANCE(BillingAddress, GEOLOCATION(10.1, 20), 'km') FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'mi') < 20 ORDER BY DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'mi')",
        "SELECT Id, TYPEOF Who WHEN Contact THEN LastName ELSE Id END FROM Task WHERE SystemModstamp >= 2024-01-01T00:00:00Z AND CALENDAR_YEAR(CreatedDate) IN (2000, 2024)",
        "SELECT Industry i, SUM(AnnualRevenue), GROUPING(Industry) FROM Account WITH DATA CATEGORY Geo__c ABOVE_OR_BELOW (usa__c, uk__c) GROUP BY ROLLUP(Industry, Rating) HAVING COUNT(Id) > 1 AND Industry LIKE 'A%' ORDER BY GROUPING(Rating), SUM(AnnualRevenue) DESC NULLS LAST LIMIT 5",
    ];

    private static readonly System.Text.RegularExpressions.Regex Words = new(@"'(?:[^'\\]|\\.)*'|[\w.:]+|\s+|.");

    /// <summary>A valid query with some of its words dropped, doubled, exchanged or replaced, or cut off.</summary>
    private static string Mutate(string soql, (int Kind, int At, int With)[] steps)
    {
        var words = Words.Matches(soql).Select(match => match.Value).ToList();
        foreach (var (kind, at, with) in steps)
        {
            if (words.Count == 0) break;
            var place = at % words.Count;
            switch (kind)
            {
                case 0: words.RemoveAt(place); break;
                case 1: words.Insert(place, words[with % words.Count]); break;
                case 2: (words[place], words[with % words.Count]) = (words[with % words.Count], words[place]); break;
                case 3: words[place] = Pieces[with % Pieces.Length]; break;
                case 4: words[place] = words[place][..(with % (words[place].Length + 1))]; break;
                default: words.RemoveRange(place, Math.Min(words.Count - place, with % 5)); break;
            }
        }
        return string.Concat(words);
    }

    [Fact]
    public void A_mutated_query_is_a_plan_or_a_refusal_that_says_where() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Select(Gen.Int[0, 5], Gen.Int[0, 200], Gen.Int[0, 200]).Array[0, 4]).Sample((which, steps) =>
        {
            try
            {
                Ask(Mutate(Valid[which], steps));
            }
            catch (ApiException refused)
            {
                // Only what is said of an object as a whole, or of its results, has no place.
                Assert.True(refused.Message.Contains("\nERROR at Row:", StringComparison.Ordinal) || refused.Code is "INVALID_TYPE_FOR_OPERATION" or "QUERY_TOO_COMPLICATED" or "EXCEEDED_ID_LIMIT", refused.Message);
            }
        }, iter: Inputs, threads: 2);

    [Fact]
    public void The_queries_that_are_mutated_are_valid()
    {
        foreach (var soql in Valid) Binder.Plan(Store, soql).Rows(Store, includeDeleted: false);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_bring_the_process_down()
    {
        foreach (var text in (string[])[new string('(', 50_000), string.Concat(Enumerable.Repeat("NOT ", 20_000))])
            Assert.Throws<SoqlException>(() => Parser.Parse("SELECT Id FROM Account WHERE " + text));
    }

    private static readonly string[] Conditions = ["Name > 'F'", "Name LIKE '%e%'", "AccountId = null", "Email != null", "Birthdate < 2020-01-01", "FirstName IN ('Ada','Mo',null)",
        "Account.Industry = 'Energy'", "Salutation NOT IN ('Mr.')", "SystemModstamp >= LAST_N_DAYS:90", "HasOptedOutOfEmail = false", "Account.NumberOfEmployees >= 200"];

    private static readonly Gen<string> Simple = Gen.Int[0, Conditions.Length - 1].Select(i => Conditions[i]);

    private static HashSet<string> Ids(string where) => [.. Binder.Plan(Store, $"SELECT Id FROM Contact WHERE {where}").Rows(Store, false).Select(row => row.Id)];

    [Fact]
    public void And_is_the_intersection_Or_the_union_and_Not_the_complement() => Gen.Select(Simple, Simple).Sample((a, b) =>
    {
        var (left, right) = (Ids(a), Ids(b));
        Assert.Equal(left.Intersect(right).Order(), Ids($"{a} AND ({b})").Order());
        Assert.Equal(left.Union(right).Order(), Ids($"{a} OR {b}").Order());
        Assert.Equal(Ids("Id != null").Except(left).Order(), Ids($"NOT ({a})").Order());
    }, iter: 300);

    [Fact]
    public void Keyset_pages_of_any_size_give_every_record_once() => Gen.Int[1, 60].Sample(size =>
    {
        var all = new List<string>();
        for (var last = "000000000000000"; ;)
        {
            var page = Binder.Plan(Store, $"SELECT Id FROM Contact WHERE Id > '{last}' ORDER BY Id LIMIT {size}").Rows(Store, false);
            all.AddRange(page.Select(row => row.Id));
            if (page.Count < size) break;
            last = page[^1].Id;
        }
        Assert.Equal(Store.Table("Contact").Live().Select(row => row.Id), all);
    }, iter: 30);
}
