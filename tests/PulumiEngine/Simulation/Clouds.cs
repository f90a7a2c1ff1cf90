namespace PulumiEngine.Simulation;

/// <summary>The simulated clouds that the program uses. Each file names where its facts come from.</summary>
public static class Clouds
{
    /// <summary>A table of its own for every engine, so that a test may change it.</summary>
    public static Simulated All()
    {
        var table = new Simulated();
        AwsCloud.Fill(table);
        AzureCloud.Fill(table);
        GcpCloud.Fill(table);
        return table;
    }
}
