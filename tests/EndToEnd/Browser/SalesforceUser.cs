using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using OrgSimulator;

namespace EndToEnd.Browser;

/// <summary>Somebody who works in the simulated org through Salesforce's REST API while the appliance looks the other way.</summary>
internal sealed class SalesforceUser : IDisposable
{
    private readonly HttpClient _http;

    public SalesforceUser(OrgSimulatorHost org)
    {
        _http = new HttpClient { BaseAddress = org.Uri };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", org.NewAccessToken());
    }

    public async Task<string> CreateAsync(string objectName, object fields)
    {
        using var answer = await _http.PostAsJsonAsync($"/services/data/v66.0/sobjects/{objectName}", fields);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public async Task UpdateAsync(string objectName, string id, object fields) =>
        (await _http.PatchAsJsonAsync($"/services/data/v66.0/sobjects/{objectName}/{id}", fields)).EnsureSuccessStatusCode();

    public async Task DeleteAsync(string objectName, string id) => (await _http.DeleteAsync($"/services/data/v66.0/sobjects/{objectName}/{id}")).EnsureSuccessStatusCode();

    /// <summary>The live record's fields as the simulator's own dump of the org tells them; null when no such record is live.</summary>
    public async Task<JsonElement?> FindAsync(string id)
    {
        using var lines = new StreamReader(await _http.GetStreamAsync("/__dump"));
        while (await lines.ReadLineAsync() is { } line)
            if (line.Contains($"\"id\":\"{id}\"", StringComparison.Ordinal)) return JsonElement.Parse(line).GetProperty("fields");
        return null;
    }

    public void Dispose() => _http.Dispose();
}
