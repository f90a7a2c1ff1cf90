using System.Collections.Immutable;
using Pulumi;

namespace Probe;

internal sealed class ValueArgs : ResourceArgs
{
    [Input("list")] private InputList<string>? _list;

    public InputList<string> List { get => _list ??= []; set => _list = value; }

    [Input("value")] public Input<string>? Value { get; set; }

    [Input("json")] public InputJson? Json { get; set; }
}

internal sealed class ValueResource(string name, ValueArgs args, CustomResourceOptions? options = null) : CustomResource("acme:index:Value", name, args, options);

/// <summary>One resource per way in which a value can come about: the test reads on the wire what became of it.</summary>
internal static class Values
{
    public static void Run()
    {
        var site = new Site("outer", new SiteArgs());
        var inner = new Site("inner", new SiteArgs(), new ComponentResourceOptions { Parent = site });
        var machine = new Machine("machine", new MachineArgs { Image = "i" }, new CustomResourceOptions { Parent = inner });
        var beneath = new Record("beneath", new RecordArgs { Target = "t" }, new CustomResourceOptions { Parent = machine });
        var secret = Output.CreateSecret("hidden-text");

        Value("applied", machine.Address.Apply(a => $"<{a}>"));
        Value("formatted", Output.Format($"{"plain"}-{machine.Address}"));
        Value("of both", Output.Tuple(machine.Address, secret).Apply(t => t.Item1 + t.Item2));
        Value("secret", secret.Apply(s => s.ToUpperInvariant()));
        Value("no longer secret", Output.Unsecret(secret));
        Value("nested output", Output.Create("a").Apply(a => Output.CreateSecret(a + "b")));
        Value("awaited", Output.Create(Task.FromResult("later")));
        Value("null", Output.Create((string)null!));
        List("list of one", "one");
        List("list of array", new[] { "a", "b" });
        List("list of outputs", new[] { Output.Create("a"), machine.Address });
        List("list of output", Output.Create(ImmutableArray.Create("a", "b")));
        List("unknown list", machine.Address.Apply(a => ImmutableArray.Create(a)));
        List("concatenated", ((InputList<string>)"a").Concat(new[] { "b" }));
        List("with secret", new InputList<string> { "a", secret });
        _ = new ValueResource("json", new ValueArgs { Json = """{"a":[1,true,null,"x"]}""" });
        _ = new ValueResource("depends on a component", new ValueArgs(), new CustomResourceOptions { DependsOn = { site } });
        _ = new ValueResource("depends on a resource", new ValueArgs(), new CustomResourceOptions { DependsOn = { beneath } });

        static void Value(string name, Input<string> value) => _ = new ValueResource(name, new ValueArgs { Value = value });
        static void List(string name, InputList<string> list) => _ = new ValueResource(name, new ValueArgs { List = list });
    }
}
