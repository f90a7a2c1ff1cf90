using CsCheck;
using OrgSimulator.Loading;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Tests;

public sealed class SoqlFuzzTests
{
    private static readonly OrgStore Store = OrgBuilder.Build(new SimulatorOptions { Generate = 400, Seed = 7 });

    private static readonly string[] Pieces = ["SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "NULL", "Id", "Name", "Account", "Contact", "Account.Name", "(", ")", ",", "=", "!=",
        "<", ">=", "'a'", "'it\\'s'", "'%x_'", "1", "-2.5", "1e3", "2024-01-01", "2024-01-01T00:00:00Z", "TODAY", "LAST_N_DAYS:3", "LIMIT", "OFFSET", "ORDER BY", "GROUP BY", "COUNT()",
        "COUNT(Id)", "FIELDS(ALL)", "TYPEOF", "WHEN", "THEN", "END", "ASC", "NULLS LAST", "'", "\\", "!", "\n", "é", "HAVING", "FOR VIEW", "ALL ROWS", "INCLUDES", "true"];

    [Fact]
    public void Any_text_is_either_a_plan_or_a_refusal() =>
        Gen.OneOf(Gen.String, Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 25].Select(words => string.Join(' ', words)),
            Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 12].Select(words => "SELECT Id FROM Account WHERE " + string.Join(' ', words))).Sample(soql =>
        {
            try
            {
                Binder.Plan(Store, soql).Rows(Store, includeDeleted: true);
            }
            catch (SoqlException refused)
            {
                Assert.NotEqual("", refused.ErrorCode);
            }
        }, iter: 20_000);

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
