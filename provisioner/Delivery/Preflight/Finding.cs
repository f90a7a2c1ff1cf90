namespace Provisioner.Delivery.Preflight;

/// <summary>One thing that was looked at before anything is created.</summary>
/// <param name="What">What was looked at, such as "delegation of example.org".</param>
/// <param name="Reason">What was found.</param>
/// <param name="Remedy">What to do; empty when all is well.</param>
public sealed record Finding(Severity Severity, string What, string Reason, string Remedy)
{
    public override string ToString() => $"{What}: {Reason}{(Remedy.Length > 0 ? " " + Remedy : "")}";

    internal static Finding Fine(string what, string reason) => new(Severity.Fine, what, reason, "");
    internal static Finding Warning(string what, string reason, string remedy) => new(Severity.Warning, what, reason, remedy);
    internal static Finding Unknown(string what, string reason, string remedy) => new(Severity.Unknown, what, reason, remedy);
    internal static Finding Error(string what, string reason, string remedy) => new(Severity.Error, what, reason, remedy);
}

/// <summary>Unknown: it could not be told from here, for example because a server did not answer. Error: the installation would fail.</summary>
public enum Severity { Fine, Warning, Unknown, Error }
