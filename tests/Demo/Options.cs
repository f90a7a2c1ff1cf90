namespace Demo;

/// <summary>What the demo works with: an appliance and a simulated org that both run already.</summary>
/// <param name="Appliance">The appliance's public address, as its server knows it (the OAuth callback starts with it).</param>
/// <param name="Authority">File of the certificate authority that signed the appliance's certificate; null: the machine's own list.</param>
/// <param name="SetupLink">The one-time link of the first start.</param>
/// <param name="Simulator">The org simulator's address; the appliance must reach it under the same one.</param>
/// <param name="Work">Folder for the org's dumps; they are deleted at the end.</param>
/// <param name="EarlierPhases">Seconds of phases that ran before the demo (build, start), to be reported with its own.</param>
internal sealed record Options(
    Uri Appliance,
    FileInfo? Authority,
    Uri SetupLink,
    Uri Simulator,
    string SimulatorUser,
    string SimulatorPassword,
    int Seed,
    string? Sabotage,
    DirectoryInfo Work,
    bool Json,
    IReadOnlyList<KeyValuePair<string, double>> EarlierPhases);
