namespace Provisioner.Certificates;

/// <summary>What to do with a failure: decided once, where it is understood.</summary>
public enum FailureKind
{
    /// <summary>Passes by itself: tried again on the ladder.</summary>
    Transient,
    /// <summary>The authority asks for patience; it says until when.</summary>
    RateLimited,
    /// <summary>A person has to do something; trying again alone cures nothing.</summary>
    Operator,
}

/// <summary>A failure with its cause and what to do about it, in plain words. No key and no token stands in it.</summary>
public sealed class CertificateException : Exception
{
    public CertificateException(FailureKind kind, string cause, string remedy, Exception? inner = null) : base(cause, inner) => (Kind, Remedy) = (kind, remedy);

    public FailureKind Kind { get; }

    public string Remedy { get; }

    /// <summary>The problem's type without its prefix, such as "badNonce"; null: the failure is none of the authority's.</summary>
    public string? Problem { get; init; }

    /// <summary>How long the authority wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public override string ToString() => $"{Message} {Remedy}";
}
