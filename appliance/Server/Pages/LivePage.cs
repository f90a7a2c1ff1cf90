using System.Security.Claims;
using Appliance.Catalog;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Appliance.Server.Pages;

/// <summary>What all live pages share: who looks, a token that ends with the page, a failure to show, and looking again by a timer.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    protected LivePage() => Gone = _gone.Token;

    [CascadingParameter] private Task<AuthenticationState> SignedIn { get; set; } = default!;

    [Inject] protected TimeProvider Time { get; set; } = default!;

    [Inject] protected NavigationManager Navigation { get; set; } = default!;

    /// <summary>Cancelled when the user leaves the page. Kept, because a load may still ask for it after that.</summary>
    protected CancellationToken Gone { get; }

    /// <summary>The last deed's failure; show it with FailureNotice.</summary>
    protected Exception? Failed { get; private set; }

    /// <summary>A deed is under way: its button is disabled.</summary>
    protected bool Busy { get; private set; }

    protected async Task<ClaimsPrincipal> UserAsync() => (await SignedIn).User;

    /// <summary>Runs what a click asked for, once at a time, and keeps its failure for the page to show.</summary>
    protected async Task DoAsync(Func<Task> deed)
    {
        ArgumentNullException.ThrowIfNull(deed);
        if (Busy) return;
        (Busy, Failed) = (true, null);
        try
        {
            await deed();
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // the page has gone
        }
        catch (Exception e)
        {
            Failed = e;
        }
        finally
        {
            Busy = false;
        }
    }

    /// <summary>Looks again every so often until the page has gone; one look at a time. A look that fails is shown and tried again.</summary>
    protected void LookEvery(TimeSpan interval, Func<Task> look) => _ = InvokeAsync(async () =>
    {
        using var timer = new PeriodicTimer(interval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(Gone))
            {
                try
                {
                    await look();
                    Failed = Failed is CatalogUnreachableException ? null : Failed;
                }
                catch (CatalogUnreachableException e)
                {
                    Failed = e;
                }
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // the page has gone
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    });

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _gone.Cancel();
        _gone.Dispose();
    }
}
