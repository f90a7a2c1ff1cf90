using Provisioner.Cloud;
using Pulumi;

return await Deployment.RunAsync<ApplianceStack>();
