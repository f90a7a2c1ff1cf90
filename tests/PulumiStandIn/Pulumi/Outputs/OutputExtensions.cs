using System.Collections.Immutable;

namespace Pulumi
{
    public static class OutputExtensions
    {
        public static Output<T> First<T>(this Output<ImmutableArray<T>> array) => array.Apply(a => a[0]);

        public static Output<T> GetAt<T>(this Output<ImmutableArray<T>> array, Input<int> index) => Output.Tuple(array, index.ToOutput()).Apply(t => t.Item1[t.Item2]);

        public static Output<int> Length<T>(this Output<ImmutableArray<T>> array) => array.Apply(a => a.Length);

        public static Output<object?> Value<T0, T1>(this Output<Union<T0, T1>> output) => output.Apply(u => u.Value);

        public static Output<bool> IsT0<T0, T1>(this Output<Union<T0, T1>> output) => output.Apply(u => u.IsT0);

        public static Output<bool> IsT1<T0, T1>(this Output<Union<T0, T1>> output) => output.Apply(u => u.IsT1);

        public static Output<T0> AsT0<T0, T1>(this Output<Union<T0, T1>> output) => output.Apply(u => u.AsT0);

        public static Output<T1> AsT1<T0, T1>(this Output<Union<T0, T1>> output) => output.Apply(u => u.AsT1);
    }
}

namespace Pulumi.Utilities
{
    /// <summary>Looks into an output, for tests and rare programs.</summary>
    public static class OutputUtilities
    {
        public static async Task<bool> GetIsKnownAsync<T>(Output<T> output) => (await output.Data.ConfigureAwait(false)).IsKnown;

        public static async Task<T> GetValueAsync<T>(Output<T> output) => (await output.Data.ConfigureAwait(false)).Value;

        public static async Task<ImmutableHashSet<Resource>> GetDependenciesAsync<T>(Output<T> output) => (await output.Data.ConfigureAwait(false)).Resources;

        public static Output<T> CreateUnknown<T>(T value) => new(Task.FromResult(new OutputData<T>([], value, false, false)));
    }
}
