using System.Text;
using System.Xml.Linq;
using Appliance.Engine.Metadata;
using CsCheck;
using Xunit;

namespace Engine.Tests.Metadata;

public sealed class What_parts_tell_of_a_profile_is_joined
{
    private static readonly XNamespace Api = "http://soap.sforce.com/2006/04/metadata";

    [Fact]
    public void Every_entry_once_in_an_order_that_no_cutting_changes() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 6], Gen.Int).Sample((entries, parts, seed) =>
        {
            var random = new Random(seed);
            var all = Enumerable.Range(0, entries).Select(Entry).ToList();
            byte[][] Cut()
            {
                var cut = Enumerable.Range(0, parts).Select(_ => new List<XElement>()).ToArray();
                foreach (var entry in all) foreach (var part in cut.Where((_, i) => i == random.Next(parts) || random.Next(3) == 0).DefaultIfEmpty(cut[0])) part.Add(entry);
                return [.. cut.Select(Profile)];
            }
            var (one, other) = (JoinedXml.Of([.. Cut(), Profile([])]), JoinedXml.Of([Profile([]), .. Cut()]));
            if (entries > 0) Assert.Equal(one, other);
            var found = XDocument.Parse(Encoding.UTF8.GetString(one)).Root!.Elements().Select(e => e.ToString(SaveOptions.DisableFormatting)).ToList();
            Assert.Equal(all.Concat(Head()).Select(e => e.ToString(SaveOptions.DisableFormatting)).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
            Assert.Equal(found.Select(f => XElement.Parse(f).Name.LocalName), found.Select(f => XElement.Parse(f).Name.LocalName).Order(StringComparer.Ordinal));
        });

    [Fact]
    public void Of_two_entries_about_one_thing_the_later_counts()
    {
        var joined = Encoding.UTF8.GetString(JoinedXml.Of([Profile([Access("A", true)]), Profile([Access("A", false), Access("B", true)])]));
        Assert.Equal(2, joined.Split("<apexClass>").Length - 1);
        Assert.Contains("<enabled>false</enabled>", joined, StringComparison.Ordinal);
    }

    [Fact]
    public void One_text_stays_as_it_is_and_what_is_no_XML_is_not_lost()
    {
        var text = "<?xml version=\"1.0\"?>\n<Profile>\t<custom>false</custom></Profile>"u8.ToArray();
        Assert.Same(text, JoinedXml.Of([text]));
        Assert.Equal(text, JoinedXml.Of([text, [.. text]]));
        Assert.Equal("longer text"u8.ToArray(), JoinedXml.Of(["no XML"u8.ToArray(), "longer text"u8.ToArray()]));
        Assert.Equal("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"u8.ToArray(), JoinedXml.Of(["<a/>"u8.ToArray(), "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"u8.ToArray()]));
    }

    private static byte[] Profile(IEnumerable<XElement> entries) => Encoding.UTF8.GetBytes(new XElement(Api + "Profile", Head(), entries).ToString());

    private static XElement[] Head() => [new(Api + "custom", "false"), new(Api + "userLicense", "Salesforce")];

    private static XElement Access(string name, bool enabled) => new(Api + "classAccesses", new XElement(Api + "apexClass", name), new XElement(Api + "enabled", enabled ? "true" : "false"));

    private static XElement Entry(int i) => (i % 4) switch
    {
        0 => Access($"Class{i}", i % 3 == 0),
        1 => new(Api + "fieldPermissions", new XElement(Api + "editable", "true"), new XElement(Api + "field", $"Account.F{i}__c"), new XElement(Api + "readable", "true")),
        2 => new(Api + "layoutAssignments", new XElement(Api + "layout", $"Layout{i / 8}"), new XElement(Api + "recordType", $"Account.Type{i}")),
        _ => new(Api + "loginIpRanges", new XElement(Api + "endAddress", $"10.0.0.{i}"), new XElement(Api + "startAddress", $"10.0.0.{i}")),
    };
}
