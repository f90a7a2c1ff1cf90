namespace Pulumi;

/// <summary>Ends the program with this message alone, with no stack trace.</summary>
public class RunException : Exception
{
    public RunException(string message) : base(message) { }

    public RunException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>Ends the program with a message that belongs to a resource.</summary>
public class ResourceException(string message, Resource? resource, bool hideStack = false) : Exception(message)
{
    internal Resource? Resource { get; } = resource;

    internal bool HideStack { get; } = hideStack;
}
