namespace OrgSimulator.Loading;

/// <summary>Test data that cannot be loaded. The message names the file, the line where one is known, the cause and what to do.</summary>
public sealed class LoadException(string file, int? line, string cause, string remedy)
    : Exception($"{file}{(line is null ? "" : $", line {line}")}: {cause}. {remedy}");
