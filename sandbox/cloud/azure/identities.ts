/** User-assigned identities, and the federated credentials with which others sign in as them. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import { newGuid, type Entity } from "../state";
import {
  alreadyThere,
  byId,
  checkForm,
  groupId,
  idOf,
  refuseChange,
  regionOf,
  requireGroup,
  systemData,
  tokens,
} from "./resource-manager";

const identityInputs = z.looseObject({
  resourceGroupName: z.string(),
  resourceName: z.string(),
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

function identityId(cloud: Cloud, group: string, name: string): string {
  return `${groupId(cloud, group)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

/** Identities of their own; each is a principal of the directory. */
export const userAssignedIdentity: Kind = recordKind<z.infer<typeof identityInputs>>({
  token: tokens.userAssignedIdentity,
  called: "user-assigned identity",
  inputs: identityInputs,
  key: ({ resourceGroupName, resourceName }, cloud) => identityId(cloud, resourceGroupName, resourceName).toLowerCase(),
  newId: ({ resourceGroupName, resourceName }, cloud) => identityId(cloud, resourceGroupName, resourceName),
  idOf: idOf(tokens.userAssignedIdentity),
  within: ({ resourceGroupName }, cloud) => [
    { token: tokens.resourceGroup, id: requireGroup(cloud, resourceGroupName).id },
  ],
  check({ resourceGroupName, resourceName, location }, cloud, current) {
    const rule = "has 3 to 128 letters, digits, - and _, and starts with a letter or digit";
    checkForm("user-assigned identity", resourceName, /^[a-zA-Z0-9][a-zA-Z0-9-_]{2,127}$/, rule);
    const group = requireGroup(cloud, resourceGroupName);
    if (current !== undefined) {
      refuseChange(current, { location: regionOf(location ?? text(group, "location")) }, ["location"]);
    }
  },
  duplicate: ({ resourceName }) => alreadyThere(`user-assigned identity ${resourceName}`),
  computed({ resourceGroupName, resourceName, location }, cloud, _id, current) {
    return {
      name: resourceName,
      location: regionOf(location ?? text(requireGroup(cloud, resourceGroupName), "location")),
      clientId: current === undefined ? newGuid() : text(current, "clientId"),
      principalId: current === undefined ? newGuid() : text(current, "principalId"),
      tenantId: cloud.tenantId,
      systemData: systemData(cloud, current),
      type: "Microsoft.ManagedIdentity/userAssignedIdentities",
      azureApiVersion: "2023-01-31",
    };
  },
});

const credentialInputs = z.looseObject({
  resourceGroupName: z.string(),
  resourceName: z.string(),
  federatedIdentityCredentialResourceName: z.string(),
  issuer: z.string(),
  subject: z.string(),
  audiences: z.array(z.string()),
});

type Credential = z.infer<typeof credentialInputs>;

function requireIdentity(cloud: Cloud, { resourceGroupName, resourceName }: Credential): Entity {
  requireGroup(cloud, resourceGroupName);
  const found = byId(cloud, tokens.userAssignedIdentity, identityId(cloud, resourceGroupName, resourceName));
  if (found === undefined) {
    throw missing(
      "ParentResourceNotFound",
      `the resource group ${resourceGroupName} has no user-assigned identity ${resourceName}`,
    );
  }
  return found;
}

function credentialId(cloud: Cloud, credential: Credential): string {
  const identity = identityId(cloud, credential.resourceGroupName, credential.resourceName);
  return `${identity}/federatedIdentityCredentials/${credential.federatedIdentityCredentialResourceName}`;
}

function checkCredential(credential: Credential, cloud: Cloud, current: Entity | undefined): void {
  const { federatedIdentityCredentialResourceName: name, issuer, subject, audiences } = credential;
  const identity = requireIdentity(cloud, credential);
  const rule = "has 3 to 120 letters, digits, - and _, and starts with a letter or digit";
  checkForm("federated credential", name, /^[a-zA-Z0-9][a-zA-Z0-9-_]{2,119}$/, rule);
  if (!URL.canParse(issuer) || new URL(issuer).protocol !== "https:" || issuer.length > 600) {
    throw invalid("InvalidIssuer", `the issuer "${issuer}" is no https address of at most 600 characters`);
  }
  if (subject.trim() === "" || subject !== subject.trim() || subject.length > 600) {
    throw invalid(
      "InvalidSubject",
      "the subject is empty, starts or ends with a space, or has more than 600 characters",
    );
  }
  if (audiences.length !== 1 || audiences[0]?.trim() === "") {
    throw invalid("InvalidAudiences", "audiences holds exactly one audience, such as api://AzureADTokenExchange");
  }
  const others = cloud.state
    .list(tokens.federatedIdentityCredential)
    .filter((entity) => entity.id !== current?.id && entity.within.some(({ id }) => id === identity.id));
  const clash = others.find((entity) => text(entity, "issuer") === issuer && text(entity, "subject") === subject);
  if (clash !== undefined && clash.key !== credentialId(cloud, credential).toLowerCase()) {
    throw conflict(
      "FederatedIdentityCredentialExists",
      `${clash.id} of this identity has the same issuer and subject already`,
    );
  }
  if (current === undefined && others.length >= 20) {
    throw conflict("TooManyFederatedIdentityCredentials", "an identity holds at most 20 federated credentials");
  }
}

/** Whom an identity trusts: tokens of this issuer about this subject sign in as it. */
export const federatedIdentityCredential: Kind = recordKind<Credential>({
  token: tokens.federatedIdentityCredential,
  called: "federated credential",
  inputs: credentialInputs,
  key: (credential, cloud) => credentialId(cloud, credential).toLowerCase(),
  newId: (credential, cloud) => credentialId(cloud, credential),
  idOf: idOf(tokens.federatedIdentityCredential),
  within: (credential, cloud) => [{ token: tokens.userAssignedIdentity, id: requireIdentity(cloud, credential).id }],
  check: checkCredential,
  duplicate: ({ federatedIdentityCredentialResourceName: name }) => alreadyThere(`federated credential ${name}`),
  computed: (credential, cloud, _id, current) => ({
    name: credential.federatedIdentityCredentialResourceName,
    systemData: systemData(cloud, current),
    type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    azureApiVersion: "2023-01-31",
  }),
});
