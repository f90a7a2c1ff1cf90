using System.Reflection;

namespace Appliance.Engine;

public static class ApplianceVersion
{
    public static string Current { get; } =
        typeof(ApplianceVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
