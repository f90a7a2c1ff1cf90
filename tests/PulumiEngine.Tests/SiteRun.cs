namespace PulumiEngine.Tests;

/// <summary>The probe's small site on simulated providers that know its types.</summary>
internal static class SiteRun
{
    public static ProbeRun New()
    {
        var probe = new ProbeRun("site");
        probe.Simulated.Type("acme:index:Machine").Replaces("image").Computes(r => new { address = $"10.0.0.{r.Id.Length}-{r.Hash}" });
        probe.Simulated.Type("acme:index:Volume").Replaces("zone").Refuses(inputs =>
            inputs.Fields["gigabytes"].NumberValue > 16384 ? [("gigabytes", "a volume has at most 16384 GB; take a smaller one or two")] : []);
        return probe;
    }
}
