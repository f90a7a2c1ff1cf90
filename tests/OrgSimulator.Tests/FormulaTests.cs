using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

public sealed class FormulaTests
{
    [Theory]
    [InlineData("Text", "IF(NumberOfEmployees > 10, \"large\", \"small\")", "\"large\"")]
    [InlineData("Text", "CASE(Industry, \"Energy\", \"E\", \"Media\", \"M\", \"other\")", "\"E\"")]
    [InlineData("Text", "IF(ISPICKVAL(Industry, \"Energy\") && NOT(ISBLANK(Site)), Name & \"/\" + Site, null)", "\"Acme/North\"")]
    [InlineData("Text", "BLANKVALUE(Phone, \"none\") & NULLVALUE(Fax, \"!\")", "\"none!\"")]
    [InlineData("Text", "LEFT(Name, 2) & RIGHT(Name, 1) & MID(Name, 2, 2) & TEXT(LEN(Name))", "\"Acecm4\"")]
    [InlineData("Text", "SUBSTITUTE(UPPER(TRIM(\" a b \")), \" \", \"-\") & LPAD(\"7\", 3, \"0\") & BR() & LOWER(\"X\")", "\"A-B007\\nx\"")]
    [InlineData("Text", "HYPERLINK(\"/\" & Id, Name, \"_self\")", null)]
    [InlineData("Text", "IMAGE(\"/a.png\", \"dot\", 10, 20)", "\"<img src=\\\"/a.png\\\" alt=\\\"dot\\\" style=\\\"height:10px; width:20px;\\\" border=\\\"0\\\"/>\"")]
    [InlineData("Text", "TEXT(YEAR(TODAY())) & \"-\" & TEXT(MONTH(TODAY())) & \"-\" & TEXT(DAY(DATE(2024, 2, 28) + 1))", "\"2026-3-29\"")]
    [InlineData("Text", "IF(CASESAFEID(Id) = Id, \"same\", \"other\")", "\"same\"")]
    [InlineData("Text", "Parent.Name & \" of \" & Owner.LastName", "\"Top of Admin\"")]
    [InlineData("Text", "IF(BEGINS(Name, \"Ac\") && CONTAINS(Name, \"cm\") && !ISNUMBER(Name), 'yes', 'no')", "\"yes\"")]
    [InlineData("Text", "Parent.Parent.Name /* nobody there */", "null")]
    [InlineData("Number", "ROUND(AnnualRevenue / 3, 1) + 2 * (NumberOfEmployees - 1) ^ 2", "1055.3")]
    [InlineData("Number", "MAX(1, 5, 3) - MIN(4, 2) + ABS(-2.25) + MOD(7, 3) + FLOOR(1.9) + CEILING(1.1) + VALUE(\"1.5\")", "10.75")]
    [InlineData("Number", "AnnualRevenue / 0", "null")]
    [InlineData("Number", "Parent.NumberOfEmployees + 1", "null")]
    [InlineData("Number", "DATE(2026, 3, 1) - DATE(2026, 2, 1)", "28.0")]
    [InlineData("Percent", "0.256", "25.6")]
    [InlineData("Checkbox", "OR(AnnualRevenue = 1000.0, FALSE) && Site <> \"South\"", "true")]
    [InlineData("Date", "ADDMONTHS(DATE(2026, 1, 31), 1)", "\"2026-02-28\"")]
    [InlineData("DateTime", "NOW() + 0.5", "\"2026-03-04T17:06:07.000+0000\"")]
    public async Task A_formula_field_is_worked_out_when_it_is_read(string kind, string formula, string? expected)
    {
        using var folder = new MetadataFolder();
        folder.Formula("Account", "F__c", kind, formula, "<precision>18</precision><scale>2</scale>");
        using var warnings = new StringWriter();
        await using var org = await TestOrg.StartAsync(folder.Options with { Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)), Warnings = warnings });
        Assert.Equal("", warnings.ToString());
        var top = await org.CreateAsync("Account", new { Name = "Top" });
        var id = await org.CreateAsync("Account", new { Name = "Acme", ParentId = top, NumberOfEmployees = 20, AnnualRevenue = 1000, Industry = "Energy", Site = "North" });
        var value = (await org.QueryAsync($"SELECT F__c FROM Account WHERE Id = '{id}'"))["records"]![0]!["F__c"];
        Assert.Equal(expected ?? $"<a href=\"/{id}\" target=\"_self\">Acme</a>", expected is null ? value!.GetValue<string>() : value?.ToJsonString(Plain) ?? "null");
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Formulas_reach_formulas_follow_changes_can_be_filtered_and_never_written()
    {
        using var folder = new MetadataFolder();
        folder.Object("Thing__c").Field("Thing__c", "Price__c", "<type>Currency</type><precision>10</precision><scale>2</scale>")
            .Field("Thing__c", "Of__c", "<type>Lookup</type><referenceTo>Thing__c</referenceTo><relationshipName>Parts</relationshipName>")
            .Formula("Thing__c", "Gross__c", "Currency", "Price__c * 1.5", "<precision>18</precision><scale>2</scale><formulaTreatBlanksAs>BlankAsZero</formulaTreatBlanksAs>")
            .Formula("Thing__c", "Whole__c", "Currency", "Of__r.Gross__c + Gross__c", "<precision>18</precision><scale>2</scale>")
            .Formula("Thing__c", "Ring__c", "Text", "Of__r.Ring__c & \"x\"");
        await using var org = await TestOrg.StartAsync(folder.Options);
        var whole = await org.CreateAsync("Thing__c", new { Name = "whole", Price__c = 10 });
        var part = await org.CreateAsync("Thing__c", new { Name = "part", Of__c = whole });
        Assert.Equal(15m, await ValueAsync("Whole__c"));
        await org.SendAsync(HttpMethod.Patch, $"sobjects/Thing__c/{whole}", new { Price__c = 20, Of__c = whole });
        Assert.Equal((30m, 0m), (await ValueAsync("Whole__c"), await ValueAsync("Gross__c")));
        Assert.Equal(part, (await org.IdsAsync("SELECT Id FROM Thing__c WHERE Gross__c < 1 AND Whole__c = 30")).Single());
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, $"sobjects/Thing__c/{whole}")).Status);
        var (status, body) = await org.SendAsync(HttpMethod.Post, "sobjects/Thing__c", new { Gross__c = 3 });
        Assert.Equal((400, "INVALID_FIELD_FOR_INSERT_UPDATE"), (status, body![0]!["errorCode"]!.GetValue<string>()));
        var field = (await org.GetAsync("sobjects/Thing__c/describe"))["fields"]!.AsArray().Single(field => field!["name"]!.GetValue<string>() == "Gross__c")!;
        Assert.Equal((true, false, "Price__c * 1.5", true), (field["calculated"]!.GetValue<bool>(), field["createable"]!.GetValue<bool>(), field["calculatedFormula"]!.GetValue<string>(),
            field["formulaTreatNullNumberAsZero"]!.GetValue<bool>()));

        async Task<decimal> ValueAsync(string name) => (await org.QueryAsync($"SELECT {name} FROM Thing__c WHERE Id = '{part}'"))["records"]![0]![name]!.GetValue<decimal>();
    }

    [Fact]
    public async Task What_is_not_understood_is_named_and_the_field_stays_empty()
    {
        using var folder = new MetadataFolder();
        folder.Formula("Account", "A__c", "Text", "VLOOKUP(Name, Name, Name)").Formula("Account", "B__c", "Text", "Nope__c & \"\"").Formula("Account", "C__c", "Text", "IF(TRUE, \"x\"")
            .Formula("Account", "D__c", "Text", "'open");
        using var warnings = new StringWriter();
        await using var org = await TestOrg.StartAsync(folder.Options with { Warnings = warnings });
        Assert.Contains("Account.A__c: its formula is left out, the function VLOOKUP with 3 arguments is not known; the field stays empty", warnings.ToString(), StringComparison.Ordinal);
        Assert.Contains("Account.B__c: its formula is left out, Account has no field Nope__c", warnings.ToString(), StringComparison.Ordinal);
        Assert.Contains("Account.C__c: its formula is left out, ')' is missing", warnings.ToString(), StringComparison.Ordinal);
        Assert.Contains("Account.D__c: its formula is left out, a text is never closed", warnings.ToString(), StringComparison.Ordinal);
        await org.CreateAsync("Account", new { Name = "Acme" });
        Assert.Null((await org.QueryAsync("SELECT A__c FROM Account"))["records"]![0]!["A__c"]);
    }

    [Fact]
    public async Task Defaults_may_be_formulas()
    {
        using var folder = new MetadataFolder();
        folder.Field("Account", "Due__c", "<type>Date</type><defaultValue>TODAY() + 7</defaultValue>").Field("Account", "Rank__c", "<type>Number</type><precision>4</precision><scale>0</scale><defaultValue>5</defaultValue>");
        await using var org = await TestOrg.StartAsync(folder.Options with { Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)) });
        await org.CreateAsync("Account", new { Name = "Acme" });
        await org.CreateAsync("Account", new { Name = "Bolt", Due__c = "2026-01-01" });
        var records = (await org.QueryAsync("SELECT Due__c, Rank__c FROM Account ORDER BY Name"))["records"]!.AsArray();
        Assert.Equal("2026-03-11 5.0, 2026-01-01 5.0", string.Join(", ", records.Select(record => $"{record!["Due__c"]} {record["Rank__c"]!.ToJsonString()}")));
    }
}
