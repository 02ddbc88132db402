import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import { devops, PROJECT, type Declared } from "../declared";

const rule = "federation-only";
const endpoint = (kind: string, more: Readonly<Record<string, unknown>>): Declared => ({
  token: devops(kind),
  name: "connection",
  args: { projectId: PROJECT, serviceEndpointName: "connection", ...more },
});
const federated = { serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation" };

describe(rule, () => {
  for (const kind of ["ServiceEndpointAzureEcr", "ServiceEndpointAzureRM"]) {
    it(`lets ${kind} pass that is federated, by an identity of one's own or without`, () => {
      const credentials = { serviceprincipalid: PROJECT };
      assert.deepEqual(found(rule, [endpoint(kind, federated), endpoint(kind, { ...federated, credentials })]), []);
    });

    it(`refuses ${kind} with a service principal, named or by default`, () => {
      const scheme = "serviceEndpointAuthenticationScheme";
      assert.deepEqual(places(rule, [endpoint(kind, {}), endpoint(kind, { [scheme]: "ServicePrincipal" })]), [
        scheme,
        scheme,
      ]);
    });

    it(`refuses a key in ${kind}, also where it is not known what it is`, () => {
      for (const serviceprincipalkey of ["key", UNKNOWN]) {
        assert.deepEqual(places(rule, [endpoint(kind, { ...federated, credentials: { serviceprincipalkey } })]), [
          "credentials.serviceprincipalkey",
        ]);
      }
    });

    it(`waits where the scheme of ${kind} is not known yet`, () => {
      assert.deepEqual(found(rule, [endpoint(kind, { serviceEndpointAuthenticationScheme: UNKNOWN })]), []);
    });
  }

  it("refuses a connection that logs in by a password, and a registry's token", () => {
    const token = { token: "azure-native:containerregistry:Token", name: "token", args: { registryName: "contoso" } };
    assert.deepEqual(found(rule, [endpoint("ServiceEndpointDockerRegistry", {}), token]), ["connection", "token"]);
  });
});
