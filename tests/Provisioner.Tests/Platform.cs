// The host is made of Linux namespaces.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
