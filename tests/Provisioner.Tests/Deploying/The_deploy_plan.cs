using System.Collections.Immutable;
using CsCheck;
using Provisioner.Delivery.Deploying;
using Xunit;

namespace Provisioner.Tests.Deploying;

/// <summary>Pure: plans and states are made up, and the steps are walked through in memory.</summary>
public sealed class The_deploy_plan
{
    private static readonly string[] Paths = ["/opt/a/one", "/opt/a/two", "/opt/b/three", "/srv/c/four", "/srv/keep/five"];
    private static readonly string[] Names = ["first", "second", "third"];

    private static readonly Gen<UnixFileMode> Mode = Gen.Bool.Select(b => b ? TestPlan.Readable : TestPlan.Private);
    private static readonly Gen<PlannedFile> File = Gen.Select(Gen.Int[0, Paths.Length - 1], Gen.Int[0, 3], Mode).Select((p, c, m) => PlannedFile.Text(Paths[p], $"content {c}", m));
    private static readonly Gen<ImmutableArray<PlannedFile>> Files = File.List[1, 5].Select(l => l.DistinctBy(f => f.Path).ToImmutableArray());

    private static readonly Gen<DeployPlan> Plan = Gen.Select(Files, Gen.Int[0, 2], Gen.Int[0, 7], Gen.Int[1, 3]).Select((files, link, commands, version) => new DeployPlan(
        "test", $"{version}.0.0", files, link == 0 ? [] : [new PlannedLink("/srv/link", $"target{link}")],
        [.. Names.Where((_, i) => (commands >> i & 1) == 1).Select((n, i) => new PlannedCommand(n, n, $"run {n}", [.. files.Take(i + 1).Select(f => f.Path)],
            i == 0 ? ImmutableSortedDictionary<string, string>.Empty.Add("app", $"image:{version}") : ImmutableSortedDictionary<string, string>.Empty))],
        ["/srv/keep/"]));

    /// <summary>What earlier plans, people and broken runs may have left.</summary>
    private static readonly Gen<HostState> State = Gen.Select(Plan, Gen.Int[0, 12], File.List[0, 2]).Select((earlier, steps, byHand) =>
    {
        var state = earlier.DifferenceTo(HostState.Empty).Take(steps).Aggregate(HostState.Empty, (s, step) => s.After(step));
        return byHand.Aggregate(state, (s, f) => s with { Files = s.Files.SetItem(f.Path, f.Standing) });
    });

    [Fact]
    public void Leads_from_any_state_to_itself_and_then_has_nothing_left_to_do() => Gen.Select(Plan, State).Sample((plan, state) =>
    {
        var reached = plan.DifferenceTo(state).Aggregate(state, (s, step) => s.After(step));
        Assert.Empty(plan.DifferenceTo(reached));
        Assert.All(plan.Files, f => Assert.Equal(f.Standing, reached.Files[f.Path]));
        Assert.Equal(plan.Version, reached.Version);
    }, iter: 2000);

    [Fact]
    public void Cut_off_after_any_step_and_begun_again_ends_the_same() => Gen.Select(Plan, State, Gen.Int[0, 12]).Sample((plan, state, cut) =>
    {
        var whole = plan.DifferenceTo(state).Aggregate(state, (s, step) => s.After(step));
        var broken = plan.DifferenceTo(state).Take(cut).Aggregate(state, (s, step) => s.After(step));
        var resumed = plan.DifferenceTo(broken).Aggregate(broken, (s, step) => s.After(step));
        Assert.Equal(whole.Files, resumed.Files);
        Assert.Equal(whole.Links, resumed.Links);
        Assert.Equal(whole.Owned, resumed.Owned);
        Assert.All(plan.Commands, c => Assert.Equal(plan.DigestOf(c), resumed.Done[c.Name]));
    }, iter: 2000);

    [Fact]
    public void Runs_no_command_before_all_that_it_depends_on_stands() => Gen.Select(Plan, State).Sample((plan, state) =>
    {
        foreach (var step in plan.DifferenceTo(state))
        {
            if (step is DeployStep.Run run) Assert.All(run.Command.DependsOn, p => Assert.Equal(plan.Files.Single(f => f.Path == p).Standing, state.Files[p]));
            state = state.After(step);
        }
    }, iter: 1000);

    [Fact]
    public void Changes_only_what_differs_and_what_hangs_on_it()
    {
        var state = TestPlan.Of().DifferenceTo(HostState.Empty).Aggregate(HostState.Empty, (s, step) => s.After(step));
        Assert.Equal(["replace /opt/appliance/release/compose.yaml", "counted", "version 1.0.0 noted"], TestPlan.Of(content: "two\n").DifferenceTo(state).Select(s => s.ToString()));
        Assert.Equal(["version 1.1.0 noted"], TestPlan.Of("1.1.0").DifferenceTo(state).Select(s => s.ToString()));
    }

    [Fact]
    public void Starts_what_should_run_and_does_not()
    {
        var plan = TestPlan.Of();
        plan = plan with { Commands = [plan.Commands[0] with { Services = ImmutableSortedDictionary<string, string>.Empty.Add("app", "appliance:1") }] };
        var state = plan.DifferenceTo(HostState.Empty).Aggregate(HostState.Empty, (s, step) => s.After(step));
        Assert.Equal(["counted", "version 1.0.0 noted"], plan.DifferenceTo(state with { Services = state.Services.Clear() }).Select(s => s.ToString()));
    }

    [Fact]
    public void Removes_what_it_owned_and_no_longer_wants_but_nobody_elses()
    {
        var state = TestPlan.Of().DifferenceTo(HostState.Empty).Aggregate(HostState.Empty, (s, step) => s.After(step));
        state = state with { Files = state.Files.Add("/opt/appliance/by-hand", new StandingFile("00", "644")) };
        var less = TestPlan.Of() with { Files = [.. TestPlan.Of().Files.Where(f => !f.Path.EndsWith("render", StringComparison.Ordinal))], Commands = [] };
        Assert.Equal(["remove /opt/appliance/nginx/render", "version 1.0.0 noted"], less.DifferenceTo(state).Select(s => s.ToString()));
        Assert.Equal(["version 1.0.0 noted"], (less with { Keep = ["/opt/appliance/nginx/"] }).DifferenceTo(state with { Version = null }).Select(s => s.ToString()));
    }
}
