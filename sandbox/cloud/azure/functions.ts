/** Look-ups of Azure: who is signed in. */
import type { CloudFunction } from "../kind";
import { ownObjectId } from "./resource-manager";

export const azureFunctions: readonly CloudFunction[] = [
  {
    token: "azure-native:authorization:getClientConfig",
    invoke: (cloud, _args, principal) => ({
      clientId: principal?.clientId ?? cloud.clientId,
      objectId: principal?.principalId ?? ownObjectId(cloud),
      subscriptionId: cloud.subscriptionId,
      tenantId: cloud.tenantId,
    }),
  },
];
