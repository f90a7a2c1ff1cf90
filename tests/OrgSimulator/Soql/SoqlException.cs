namespace OrgSimulator.Soql;

/// <summary>A query that Salesforce would refuse. The message draws a caret under the place when one is known.</summary>
public sealed class SoqlException(string errorCode, string message, bool drawn = false) : Exception(message)
{
    public string ErrorCode { get; } = errorCode;

    /// <summary>Whether the message says where, or needs not to: then it goes out as it is.</summary>
    public bool Drawn { get; } = drawn;

    /// <summary>About an object as a whole: Salesforce draws nothing there.</summary>
    public static SoqlException OfObject(string errorCode, string message) => new(errorCode, message, drawn: true);

    public static SoqlException Malformed(string message) => new("MALFORMED_QUERY", message);

    public static SoqlException Unexpected(string soql, Token token) => token.Kind == TokenKind.End
        ? At("MALFORMED_QUERY", soql, soql.Length, "unexpected token: '<EOF>'")
        : At("MALFORMED_QUERY", soql, token.Position, $"unexpected token: '{token.Text}'");

    public static SoqlException At(string code, string soql, int position, string message)
    {
        position = Math.Clamp(position, 0, soql.Length);
        var lineStart = position == 0 ? 0 : soql.LastIndexOf('\n', position - 1) + 1;
        var lineEnd = soql.IndexOf('\n', position);
        var line = soql[lineStart..(lineEnd < 0 ? soql.Length : lineEnd)];
        var row = 1 + soql.AsSpan(0, lineStart).Count('\n');
        return new(code, $"\n{line}\n{new string(' ', position - lineStart)}^\nERROR at Row:{row}:Column:{position - lineStart + 1}\n{message}", drawn: true);
    }

    public static SoqlException NoColumn(string soql, int position, string column, string entity) => At("INVALID_FIELD", soql, position,
        $"No such column '{column}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
        + "Please reference your WSDL or the describe call for the appropriate names.");

    public static SoqlException NoObject(string soql, int position, string name) => At("INVALID_TYPE", soql, position,
        $"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
        + "Please reference your WSDL or the describe call for the appropriate names.");
}
