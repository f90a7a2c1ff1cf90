using System.Net;
using System.Net.Sockets;
using Xunit;

namespace FrontDoor.Tests;

/// <summary>A release is tried: the server before it, named in the second line, answers what the new one cannot.</summary>
public sealed class A_server_that_stands_by(RunningDoor door) : IClassFixture<RunningDoor>
{
    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(0)]         // breaks the connection off
    public async Task Answers_what_may_be_asked_twice_and_nothing_else_is(int failure)
    {
        await DirectAsync(door.A.Address, door.B.Address);
        using var client = door.Client();
        Assert.StartsWith("a ", await client.GetStringAsync("/"), StringComparison.Ordinal);
        door.A.Failing = failure;
        try
        {
            Assert.StartsWith("b ", await client.GetStringAsync("/"), StringComparison.Ordinal);
            door.B.Asked.Clear();
            using var content = new StringContent("order");
            using var posted = await client.PostAsync("/", content);
            Assert.InRange((int)posted.StatusCode, 500, 503);
            using var put = await client.PutAsync("/", content);
            using var deleted = await client.DeleteAsync("/");
            using var back = await client.GetAsync("/oauth/callback?code=once");
            Assert.All([put, deleted, back], answer => Assert.InRange((int)answer.StatusCode, 500, 503));
            Assert.Empty(door.B.Asked);
        }
        finally
        {
            door.A.Failing = null;
        }
        Assert.StartsWith("a ", await client.GetStringAsync("/"), StringComparison.Ordinal);      // cured, it is asked first at once
    }

    [Fact]
    public async Task Answers_everything_while_nobody_listens_at_the_first()
    {
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await DirectAsync($"127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}", door.B.Address);
        using var client = door.Client();
        Assert.StartsWith("b ", await client.GetStringAsync("/"), StringComparison.Ordinal);
        using var content = new StringContent("order");
        using var posted = await client.PostAsync("/", content);       // nothing of it was sent to the first
        Assert.Contains("sent=5", await posted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_gone_with_its_line()
    {
        await DirectAsync(door.A.Address, door.B.Address);
        door.Switch(door.A.Address);
        await door.UntilAsync(() => !door.Serving.Contains("standby", StringComparison.Ordinal), "the one server");
        using var client = door.Client();
        door.A.Failing = 500;
        try
        {
            using var answer = await client.GetAsync("/");
            Assert.Equal((HttpStatusCode.InternalServerError, "a failed"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
        finally
        {
            door.A.Failing = null;
        }
        door.Switch(door.A.Address + "\nno place");
        await door.UntilAsync(() => door.Said.Contains("'no place'", StringComparison.Ordinal), "the refusal");
        Assert.StartsWith("a ", await client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    private async Task DirectAsync(string first, string standby)
    {
        door.Switch($"{first}\n{standby}");
        await door.UntilAsync(() => door.Serving.Contains($"upstream {first} ", StringComparison.Ordinal) && door.Serving.Contains($"standby {standby} ", StringComparison.Ordinal), "both servers");
    }
}
