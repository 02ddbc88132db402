/** Reads who may do what with the registries in Azure. */
import { z } from "zod";

import type { CloudClient, Entity } from "./cloud";
import type { Directory } from "./model";
import { reader, text } from "./reader";
import { azureTokens } from "./tokens";

const credentialId = /^(.*)\/federatedIdentityCredentials\/[^/]+$/i;

/** Asks Azure who may do what with its registries. @throws CloudAway, CloudRefused, UnknownForm */
export async function readDirectory(cloud: CloudClient): Promise<Directory> {
  const list = async <T>(token: string, read: (entity: Entity) => T): Promise<T[]> =>
    (await cloud.listAzure(token)).map((entity) => read(entity));
  const [registries, identities, credentials, assignments] = await Promise.all([
    list(
      azureTokens.registry,
      reader(z.object({ name: text, loginServer: text }), (it, id) => ({ ...it, id })),
    ),
    list(
      azureTokens.identity,
      reader(z.object({ clientId: text, principalId: text, tenantId: text }), (it, id) => ({ ...it, id })),
    ),
    list(
      azureTokens.credential,
      reader(z.object({ issuer: text, subject: text, audiences: z.array(text) }), (it, id) => ({
        ...it,
        identityId: credentialId.exec(id)?.[1] ?? "",
      })),
    ),
    list(
      azureTokens.assignment,
      reader(z.object({ principalId: text, roleDefinitionId: text, scope: text }), (it) => it),
    ),
  ]);
  return { registries, identities, credentials, assignments };
}
