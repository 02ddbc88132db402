/** Resource groups: what all other Azure resources are in. */
import { z } from "zod";
import { conflict } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import { alreadyThere, checkForm, groupId, idOf, regionOf, tokens } from "./resource-manager";

const inputs = z.looseObject({
  resourceGroupName: z.string(),
  location: z.string(),
  managedBy: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** Deleting one deletes all that it holds. */
export const resourceGroup: Kind = recordKind<z.infer<typeof inputs>>({
  token: tokens.resourceGroup,
  called: "resource group",
  inputs,
  key: ({ resourceGroupName }, cloud) => groupId(cloud, resourceGroupName).toLowerCase(),
  newId: ({ resourceGroupName }, cloud) => groupId(cloud, resourceGroupName),
  idOf: idOf(tokens.resourceGroup),
  check({ resourceGroupName, location }, _cloud, current) {
    checkForm(
      "resource group",
      resourceGroupName,
      /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u,
      "has 1 to 90 letters, digits, _ - . ( ) and does not end with a period",
    );
    if (current !== undefined && text(current, "location") !== regionOf(location)) {
      throw conflict(
        "InvalidResourceGroupLocation",
        `the resource group "${resourceGroupName}" is in ${text(current, "location")} and cannot move to ${regionOf(location)}`,
      );
    }
  },
  duplicate: ({ resourceGroupName }) => alreadyThere(`resource group ${resourceGroupName}`),
  computed: ({ resourceGroupName, location }) => ({
    name: resourceGroupName,
    location: regionOf(location),
    type: "Microsoft.Resources/resourceGroups",
    properties: { provisioningState: "Succeeded" },
    azureApiVersion: "2024-03-01",
  }),
});
