using System.Collections.Immutable;

namespace Pulumi;

public abstract class AssetOrArchive
{
    private protected AssetOrArchive(string marker, string key, object value) => (Marker, Key, Content) = (marker, key, value);

    internal string Marker { get; }

    internal string Key { get; }

    internal object Content { get; }
}

/// <summary>A file's content that travels with a resource.</summary>
public abstract class Asset : AssetOrArchive
{
    private protected Asset(string key, object value) : base(Wire.Markers.Asset, key, value) { }
}

public sealed class FileAsset(string path) : Asset("path", path);

public sealed class StringAsset(string text) : Asset("text", text);

public sealed class RemoteAsset(string uri) : Asset("uri", uri);

/// <summary>Several files that travel with a resource.</summary>
public abstract class Archive : AssetOrArchive
{
    private protected Archive(string key, object value) : base(Wire.Markers.Archive, key, value) { }
}

public sealed class FileArchive(string path) : Archive("path", path);

public sealed class RemoteArchive(string uri) : Archive("uri", uri);

public sealed class AssetArchive(IDictionary<string, AssetOrArchive> assets) : Archive("assets", assets.ToImmutableDictionary());
