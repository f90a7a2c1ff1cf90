using System.Security.Cryptography;
using System.Text;
using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>Where the parts of a host are put: under which component, and how they are called.</summary>
internal sealed record Site(StackSettings Settings, ComponentResource Parent)
{
    /// <summary>The tightest limit is that of Azure's backup vaults: 50 letters, of which the part and Pulumi's own ending take 18.</summary>
    private const int LongestName = 32;

    /// <summary>The stack's name in the letters, and of the length, that every cloud takes in every name. No other stack has the same.</summary>
    public string Name { get; } = NameOf(Settings.Stack);

    public string Named(string part) => $"{Name}-{part}";

    public CustomResourceOptions Part(params Resource[] after) => new() { Parent = Parent, DependsOn = after };

    /// <summary>For the machine and its address: a change that would mean others is refused in the preview while the settings protect them.</summary>
    public CustomResourceOptions Guarded(params Resource[] after) => new() { Parent = Parent, DependsOn = after, Protect = Settings.Protection.Destroy };

    /// <summary>
    /// For what holds the customer's data. It is protected while the settings say so, and kept where it is even when the stack is destroyed:
    /// nobody loses a backup to a command.
    /// </summary>
    public CustomResourceOptions Kept() => new() { Parent = Parent, Protect = Settings.Protection.Destroy, RetainOnDelete = true };

    /// <summary>Look-ups go through the component's own provider: same account, same region.</summary>
    public InvokeOptions Lookup => new() { Parent = Parent };

    /// <summary>A text cut to a length. What was cut is told by digits, so that two long texts stay two.</summary>
    public static string Within(int length, string text) => text.Length <= length ? text : $"{text[..(length - 5)].TrimEnd('-')}-{Digits(text)}";

    private static string NameOf(string stack)
    {
        var letters = new string([.. stack.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        if (!char.IsAsciiLetter(letters.FirstOrDefault())) letters = $"appliance-{letters}".TrimEnd('-');
        return letters == stack ? Within(LongestName, letters) : $"{Within(LongestName - 5, letters)}-{Digits(stack)}";
    }

    private static string Digits(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..4];
}
