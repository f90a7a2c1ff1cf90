namespace Engine.Tests.Completeness;

/// <summary>The real clock, moved ahead.</summary>
internal sealed class MovableTime : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.FromMinutes(1) ? dueTime : TimeSpan.Zero, period);
}
