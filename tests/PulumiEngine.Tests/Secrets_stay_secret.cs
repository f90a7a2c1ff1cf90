using PulumiEngine.Deploying;
using PulumiEngine.States;
using PulumiEngine.Values;

namespace PulumiEngine.Tests;

public sealed class Secrets_stay_secret : IDisposable
{
    private const string Password = "correct-horse-battery";

    private readonly ProbeRun _site = SiteRun.New();

    public Secrets_stay_secret() => _site.Secrets["password"] = Password;

    [Fact]
    public async Task In_the_state_they_are_encrypted_and_come_back_for_the_comparison()
    {
        await _site.UpAsync();
        Assert.DoesNotContain(Password, await File.ReadAllTextAsync(_site.StatePath), StringComparison.Ordinal);
        Assert.False((await _site.UpAsync()).MustSucceed().HasChanges);
        _site.Secrets["password"] = "another-horse";
        Assert.Equal(["password"], (await _site.PreviewAsync()).Step("machine").Changed);
        var machine = StackState.Load(_site.StatePath, new EngineOptions { Project = null!, Stack = "" }.Passphrase).Resources.Single(r => r.Type == "acme:index:Machine");
        Assert.True(PropertyValues.IsSecret(machine.Inputs.Fields["password"]));
        Assert.True(PropertyValues.IsSecret(machine.Outputs.Fields["password"]));
    }

    [Fact]
    public async Task Another_passphrase_does_not_read_them()
    {
        await _site.UpAsync();
        var refusal = Assert.Throws<EngineException>(() => StackState.Load(_site.StatePath, "wrong"));
        Assert.Contains("PULUMI_CONFIG_PASSPHRASE", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_recording_they_stand_under_their_marker_only()
    {
        var result = await _site.UpAsync("probe-secrets");
        var text = await File.ReadAllTextAsync(result.RecordingPath!);
        var run = System.Text.Json.Nodes.JsonNode.Parse(text)!["runs"]!["up"]!;
        Assert.DoesNotContain(Password, run["environment"]!.ToJsonString(), StringComparison.Ordinal);
        var bare = System.Text.RegularExpressions.Regex.Replace(run.ToJsonString(), $$"""\{"{{PropertyValues.MarkerKey}}":"{{PropertyValues.SecretMarker}}","value":"[^"]*"\}""", "");
        Assert.DoesNotContain(Password, bare, StringComparison.Ordinal);
        Assert.Contains(Password, text, StringComparison.Ordinal);      // else the test above would look at nothing
    }

    [Fact]
    public async Task In_messages_they_are_blanked_out()
    {
        _site.Failures.Add(new InjectedFailure("machine", Operation.Create, $"the password {Password} is too short"));
        var result = await _site.UpAsync();
        Assert.Contains(result.Errors, e => e.Contains("the password [secret] is too short", StringComparison.Ordinal));
        Assert.DoesNotContain(Password, string.Concat(result.Logs.Select(l => l.Message)) + result.Output + string.Concat(result.Steps.Select(s => s.Error)), StringComparison.Ordinal);
        Assert.DoesNotContain(Password, Display.PlanTree.Of(result, "dev"), StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();
}
