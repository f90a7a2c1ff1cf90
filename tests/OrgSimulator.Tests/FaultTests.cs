namespace OrgSimulator.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task The_next_calls_fail_as_often_as_asked_and_without_a_deed()
    {
        await using var org = await TestOrg.StartAsync();
        org.Host.Faults.FailNext("/sobjects/Account", 2, 503);
        for (var i = 0; i < 2; i++) Assert.Equal(503, (await org.SendAsync(HttpMethod.Post, "sobjects/Account", new { Name = "x" })).Status);
        Assert.Equal(201, (await org.SendAsync(HttpMethod.Post, "sobjects/Account", new { Name = "x" })).Status);
        Assert.Equal(1, await org.CountAsync("Account"));
        org.Host.Faults.FailNext("/never", 1, 500);
        Assert.Equal(["/never: 1 left"], org.Host.Faults.Unmet);
    }

    [Fact]
    public async Task An_answer_is_lost_after_the_deed()
    {
        await using var org = await TestOrg.StartAsync();
        org.Host.Faults.DropAnswers("/sobjects/Account");
        await Assert.ThrowsAsync<HttpRequestException>(() => org.SendAsync(HttpMethod.Post, "sobjects/Account", new { Name = "x" }));
        Assert.Equal(1, await org.CountAsync("Account"));
    }

    [Fact]
    public async Task Tokens_expire_once_after_the_calls_asked_for_and_a_test_can_hold_a_call()
    {
        await using var org = await TestOrg.StartAsync();
        org.Host.Faults.ExpireTokensAfter(1);
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, "limits")).Status);
        Assert.Equal(401, (await org.SendAsync(HttpMethod.Get, "limits")).Status);
        org.Http.DefaultRequestHeaders.Authorization = new("Bearer", org.Host.NewAccessToken());
        var held = new TaskCompletionSource();
        org.Host.Faults.Before = (_, _) => held.Task;
        var call = org.SendAsync(HttpMethod.Get, "limits");
        Assert.False(call.IsCompleted);
        held.SetResult();
        Assert.Equal(200, (await call).Status);
        Assert.Contains(org.Host.Faults.Calls, seen => seen.Path.EndsWith("/limits", StringComparison.Ordinal));
    }
}
