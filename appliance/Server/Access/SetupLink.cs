using Appliance.Catalog;
using Microsoft.AspNetCore.Identity;

namespace Appliance.Server.Access;

/// <summary>
/// While there is no user, each start makes a fresh one-time link, writes it to the log and to <c>setup-link</c> in the keys folder (0600);
/// whoever can read those may create the administrator. The file goes when the link is used.
/// </summary>
public sealed class SetupLink(Users users, ServerSettings settings, IPasswordHasher<UserRow> hasher, AuditLog audit, ILogger<SetupLink> log) : IHostedService
{
    private readonly string _path = Path.Combine(settings.KeysDirectory, "setup-link");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await users.AnyAsync(cancellationToken))
        {
            File.Delete(_path);
            return;
        }
        var token = OneTimeSecret.New();
        await users.NewSetupTokenAsync(OneTimeSecret.Hash(token), cancellationToken);
        var link = new Uri(settings.PublicUrl, $"/setup?token={token}").ToString();
        await WriteAsync(link, cancellationToken);
        log.SetupLink(link);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<bool> IsValidAsync(string? token, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(token) ? Task.FromResult(false) : users.IsSetupTokenAsync(OneTimeSecret.Hash(token), cancellationToken);

    /// <summary>What is wrong with a name and password for a new user; null when nothing is.</summary>
    public static string? Refuse(string? userName, string? password) =>
        string.IsNullOrWhiteSpace(userName) || userName.Trim().Length > 120 ? "A user name has 1 to 120 characters."
        : (password ?? "").Length < SignIns.MinPasswordLength ? $"A password has at least {SignIns.MinPasswordLength} characters."
        : password!.Length > 256 ? "A password has at most 256 characters."
        : null;

    /// <summary>Makes the first administrator. Name and password have passed <see cref="Refuse"/>.</summary>
    public async Task<SetupOutcome> UseAsync(string? token, string userName, string password, CancellationToken cancellationToken)
    {
        var name = userName.Trim();
        var shell = new UserRow { Id = Guid.Empty, Name = name, PasswordHash = "", Role = Users.SystemAdministrator, CreatedAt = default };
        var outcome = await users.SetUpAsync(OneTimeSecret.Hash(token ?? ""), name, hasher.HashPassword(shell, password), cancellationToken);
        if (outcome is SetupOutcome.Created)
        {
            File.Delete(_path);
            await audit.AppendAsync(name, "set up", "first administrator", null, cancellationToken);
            log.SetUp();
        }
        return outcome;
    }

    /// <summary>Whole or not at all, so that a script that waits for the file never reads half a link.</summary>
    private async Task WriteAsync(string link, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new StreamWriter(_path + ".new", options)) await file.WriteLineAsync(link.AsMemory(), cancellationToken);
        File.Move(_path + ".new", _path, overwrite: true);
    }
}
