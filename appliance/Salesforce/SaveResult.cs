using System.Collections.Immutable;
using System.Text.Json;

namespace Appliance.Salesforce;

/// <summary>What became of one record.</summary>
/// <param name="Id">18 characters; null when a create failed.</param>
/// <param name="Success">The org holds what was sent.</param>
/// <param name="Errors">Why not. The messages may quote values of fields.</param>
public sealed record SaveResult(string? Id, bool Success, ImmutableArray<SaveError> Errors)
{
    internal static SaveResult Read(JsonElement result) => new(
        result.TryGetProperty("id", out var id) ? id.GetString() : null,
        result.GetProperty("success").GetBoolean(),
        result.TryGetProperty("errors", out var errors) ? SaveError.ReadAll(errors) : []);
}

/// <param name="StatusCode">Salesforce's code, such as <c>REQUIRED_FIELD_MISSING</c>.</param>
/// <param name="Message">In the org's words.</param>
/// <param name="Fields">Fields it is about.</param>
public sealed record SaveError(string StatusCode, string Message, ImmutableArray<string> Fields)
{
    /// <summary>Collections say <c>statusCode</c>, single records <c>errorCode</c>.</summary>
    internal static ImmutableArray<SaveError> ReadAll(JsonElement errors) => errors.ValueKind is not JsonValueKind.Array ? [] :
        [.. errors.EnumerateArray().Select(e => new SaveError(
            (e.TryGetProperty("statusCode", out var code) || e.TryGetProperty("errorCode", out code) ? code.GetString() : null) ?? "",
            (e.TryGetProperty("message", out var message) ? message.GetString() : null) ?? "",
            e.TryGetProperty("fields", out var fields) && fields.ValueKind is JsonValueKind.Array ? [.. fields.EnumerateArray().Select(f => f.GetString() ?? "")] : []))];
}
