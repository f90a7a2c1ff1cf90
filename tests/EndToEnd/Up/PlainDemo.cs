using System.Text;
using System.Text.Json;
using Xunit;

namespace EndToEnd.Up;

/// <summary>One unencrypted demo on a generated org, whose state folder several tests look into.</summary>
public sealed class PlainDemo : IAsyncLifetime
{
    private readonly TemporaryFolder _state = new();

    public string State => _state.Path;

    public string Vault => Directory.GetDirectories(Path.Combine(State, "vaults")).Single();

    public JsonElement Report { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (var run, Report) = await UpDemo.RunAsync(State, "--plain", "--generate", "4000", "--seed", "7");
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    public ValueTask DisposeAsync()
    {
        _state.Dispose();
        return ValueTask.CompletedTask;
    }

    public IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Vault, pattern, SearchOption.AllDirectories);

    /// <summary>A stored file, opened with the stock zstd program.</summary>
    public static async Task<string> UnpackAsync(string file)
    {
        var unpacked = await Repository.RunAsync("zstd", ["-q", "-d", "-c", file]);
        Assert.True(unpacked.ExitCode == 0, $"{file}: {unpacked.Errors}");
        return unpacked.Output;
    }

    /// <summary>Reads RFC 4180 text: rows of values, the header first.</summary>
    public static List<List<string>> ReadCsv(string text)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var value = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"') value.Append(text[i++]);
            else if (c == '"') quoted = !quoted;
            else if (quoted || c is not (',' or '\n')) value.Append(c);
            else
            {
                row.Add(value.ToString());
                value.Clear();
                if (c == ',') continue;
                rows.Add(row);
                row = [];
            }
        }
        Assert.False(quoted, "a quote is never closed");
        Assert.True(row.Count == 0 && value.Length == 0, "the last row has no line end");
        return rows;
    }
}
