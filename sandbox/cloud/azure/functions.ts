/** Look-ups of Azure: who is signed in. */
import type { CloudFunction } from "../kind";
import { ownObjectId } from "./resource-manager";

export const azureFunctions: readonly CloudFunction[] = [
  {
    token: "azure-native:authorization:getClientConfig",
    invoke: (cloud) => ({
      clientId: cloud.clientId,
      objectId: ownObjectId(cloud),
      subscriptionId: cloud.subscriptionId,
      tenantId: cloud.tenantId,
    }),
  },
];
