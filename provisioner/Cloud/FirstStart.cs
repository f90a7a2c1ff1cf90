using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cloud;

/// <summary>What the machine does by itself at its first start. It holds no secret: everybody in the account can read it.</summary>
internal static class FirstStart
{
    public static string Of(StackSettings settings, DataDiskPath disk) => CloudInit.Render(settings, disk);
}
