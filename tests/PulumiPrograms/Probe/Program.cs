using Probe;
using Pulumi;

// The environment says which scenario: the command line belongs to the language host.
return await (Environment.GetEnvironmentVariable("PROBE_SCENARIO") switch
{
    "recorded" => Deployment.RunAsync(RecordedProgram.Run),
    "recorded stack" => Deployment.RunAsync<RecordedStack>(),
    "throw" => Deployment.RunAsync(void () => throw new InvalidOperationException("boom")),
    "run error" => Deployment.RunAsync(void () => throw new RunException("please set probe:zone")),
    "missing setting" => Deployment.RunAsync(void () => new Config().Require("nope")),
    "logged error" => Deployment.RunAsync(() => Log.Error("this is wrong")),
    "resource error" => Deployment.RunAsync(void () => throw new ResourceException("this machine is too small", new Site("site", new SiteArgs()), hideStack: true)),
    "missing input" => Deployment.RunAsync(() => { _ = new Record("record", new RecordArgs()); }),
    "values" => Deployment.RunAsync(Values.Run),
    "site" => Deployment.RunAsync<SiteStack>(),
    var other => throw new InvalidOperationException($"There is no scenario '{other}'."),
});
